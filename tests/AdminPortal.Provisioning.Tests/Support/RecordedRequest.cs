namespace AdminPortal.Provisioning.Tests.Support;

/// <summary>A request as it left the client.</summary>
internal sealed record RecordedRequest(
    HttpMethod Method, string Url, IReadOnlyDictionary<string, string> Headers, string? Body, string? ContentType, long? ContentLength);
