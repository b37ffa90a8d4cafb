using System.Text.Json.Serialization;

namespace AdminPortal.Features.Api;

/// <summary>How the API's bodies are written and read, made when the portal is built.</summary>
[JsonSerializable(typeof(ApiInstanceList))]
[JsonSerializable(typeof(ApiInstance))]
[JsonSerializable(typeof(ApiInstanceChange))]
[JsonSerializable(typeof(ApiCheck))]
[JsonSerializable(typeof(ApiAttemptList))]
[JsonSerializable(typeof(ApiAttempt))]
[JsonSerializable(typeof(ApiNewAttempt))]
[JsonSerializable(typeof(ApiAccountList))]
[JsonSerializable(typeof(ApiElementList))]
[JsonSerializable(typeof(ApiProviderAppList))]
[JsonSerializable(typeof(ApiDriftList))]
[JsonSerializable(typeof(ApiProblem))]
internal sealed partial class ApiJson : JsonSerializerContext;
