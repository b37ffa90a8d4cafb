namespace AdminPortal.Sandbox.Api;

/// <summary>The id of one request, the same in the header and in an error's body.</summary>
internal sealed record RequestIdentity(string Id)
{
    public const string Header = "Elements-Request-Id";

    public static string Of(HttpContext context) =>
        context.Features.Get<RequestIdentity>()?.Id ?? throw new InvalidOperationException("The request has no id yet.");
}
