namespace AdminPortal.Sandbox;

/// <summary>The origin that links to the sandbox itself carry.</summary>
internal sealed class OwnAddress(SandboxOptions options)
{
    public string Of(HttpRequest request) => options.PublicUrl ?? $"{request.Scheme}://{request.Host}";
}
