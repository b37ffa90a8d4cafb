using System.Text.Json.Serialization;

namespace AdminPortal.Sandbox.Wire;

internal sealed record ErrorBody(
    string RequestId,
    string Message,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ProviderMessage);
