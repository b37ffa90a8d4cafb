using AdminPortal.Domain.Settings;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Shared;

/// <summary>
/// The portal's own addresses, from configuration and never from a request's <c>Host</c>. The callback URL is shown,
/// copied and sent from here alone, so that it is the same byte for byte everywhere.
/// </summary>
public sealed class PortalAddresses(IOptions<PortalOptions> options, IHostEnvironment environment)
{
    /// <summary>The callback's path.</summary>
    public const string CallbackPath = "/oauth/callback";

    /// <summary>The path at which the portal says that it is there: beside the callback, so that what reaches one reaches the other.</summary>
    public const string ProbePath = CallbackPath + "/probe";

    /// <summary>What it says there, whichever process answers.</summary>
    public const string ProbeText = "AdminPortal callback";

    /// <summary>Where an authority sends people back to who sign in by it.</summary>
    public const string SingleSignOnCallbackPath = "/sign-in/sso/callback";

    /// <summary>The portal's root, for example <c>https://portal.example.com</c>, without a trailing slash.</summary>
    public string PublicBaseUrl { get; } = options.Value.PublicBaseUrl.Trim().TrimEnd('/');

    /// <summary>The URL that is registered at Keap and sent to the platform.</summary>
    public string CallbackUrl => PublicBaseUrl + CallbackPath;

    /// <summary>Where it is tried whether the callback's address leads to the portal.</summary>
    public string ProbeUrl => PublicBaseUrl + ProbePath;

    /// <summary>Whether browsers reach the portal by https.</summary>
    public bool IsHttps => PublicBaseUrl.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether http on loopback is accepted for platforms and callbacks: in Development only.</summary>
    public bool AllowLoopbackHttp { get; } = environment.IsDevelopment();
}
