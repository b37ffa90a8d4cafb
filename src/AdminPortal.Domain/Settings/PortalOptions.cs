using System.Net;
using System.Net.Sockets;

namespace AdminPortal.Domain.Settings;

/// <summary>The portal's own settings: the configuration section <c>Portal</c>.</summary>
public sealed class PortalOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Portal";

    /// <summary>The address under which browsers reach the portal, without a path. The callback URL is built from it.</summary>
    public string PublicBaseUrl { get; set; } = "";

    /// <summary>
    /// Where the database lies; an absolute path. Empty: <c>AdminPortal</c> in the user's local application data, with
    /// the environment's name behind it outside Production.
    /// </summary>
    public string DataDirectory { get; set; } = "";

    /// <summary>How long a person may take at the sign-in page.</summary>
    public TimeSpan ConsentLifetime { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a code is taken to be good: a request that was never sent is tried again within this time.</summary>
    public TimeSpan CodeLifetime { get; set; } = TimeSpan.FromMinutes(4);

    /// <summary>How long the platform is searched for an instance whose creation was not answered.</summary>
    public TimeSpan UnansweredPatience { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// After how long a draft that nobody touched is removed, and an attempt that ended badly forgets the secrets that it
    /// was given.
    /// </summary>
    public TimeSpan DraftLifetime { get; set; } = TimeSpan.FromDays(30);

    /// <summary>
    /// Whether the portal's requests may go to platforms on this machine or in a private network. Null: in Development only,
    /// where the sandbox is.
    /// </summary>
    public bool? AllowPrivateAddresses { get; set; }

    /// <summary>Outside Development, nobody but the portal's user may be able to read its files, or this must be true.</summary>
    public bool AllowReadableByOthers { get; set; }

    /// <summary>Names other than the public address's host under which a proxy or a load balancer may ask.</summary>
    public IList<string> OtherHosts { get; } = [];

    /// <summary>Proxies beside those on this machine whose <c>X-Forwarded-For</c> is believed: addresses, or networks such as <c>10.0.0.0/24</c>.</summary>
    public IList<string> TrustedProxies { get; } = [];

    /// <summary>What is tried before a person leaves for the provider.</summary>
    public PreflightOptions Preflight { get; set; } = new();

    /// <summary>How often an open session is asked whether it still holds: a person who was disabled is out after this time at the latest.</summary>
    public TimeSpan SessionCheckInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>What signing in asks.</summary>
    public SignInOptions SignIn { get; set; } = new();

    /// <summary>How long a session is good, and a proof of who somebody is in it.</summary>
    public SessionOptions Sessions { get; set; } = new();

    /// <summary>Who may see a token.</summary>
    public RevealOptions Reveal { get; set; } = new();

    /// <summary>How many instances the bulk jobs of this process work on at once.</summary>
    public int BulkParallelism { get; set; } = 4;

    /// <summary>
    /// How many instances a process checks in the background in any minute, over all platform accounts, at most. A check
    /// is two calls to the platform.
    /// </summary>
    public int ChecksPerMinute { get; set; } = 60;

    /// <summary>
    /// How long a refresh token is taken to be good after its last use. Keap does not say: answers in its forum name 45
    /// days and, in another thread, 180 (platform contract, section 7). Whatever is reckoned with it is an estimate.
    /// </summary>
    public TimeSpan RefreshTokenLifetime { get; set; } = TimeSpan.FromDays(45);

    /// <summary>The backup that is made every night.</summary>
    public BackupOptions Backup { get; set; } = new();

    /// <summary>How long the activity record is kept.</summary>
    public ActivityOptions Activity { get; set; } = new();

    /// <summary>Platform accounts that "Getting started" offers with one click.</summary>
    public IList<OfferedAccount> OfferedAccounts { get; } = [];

    /// <summary>How the key ring is protected.</summary>
    public KeyRingOptions KeyRing { get; set; } = new();

    /// <summary>Signing in by an authority that speaks OpenID Connect.</summary>
    public SingleSignOnOptions SingleSignOn { get; set; } = new();

    /// <summary>Signing in with a password of the portal's own.</summary>
    public LocalSignInOptions LocalSignIn { get; set; } = new();

    /// <summary>Reads an entry of <see cref="TrustedProxies"/>; null for what is neither an address nor a network.</summary>
    public static IPNetwork? ReadNetwork(string text) =>
        IPNetwork.TryParse(text, out var network) ? network
        : IPAddress.TryParse(text, out var address) ? new IPNetwork(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128)
        : null;
}

/// <summary>What the pre-flight tries.</summary>
public sealed class PreflightOptions
{
    /// <summary>Whether the name service is asked for the Infusionsoft server that was entered.</summary>
    public bool LookUpNames { get; set; } = true;
}

/// <summary>What signing in asks.</summary>
public sealed class SignInOptions
{
    /// <summary>Whether everybody needs an authenticator app or a passkey: who has none does nothing else before there is one.</summary>
    public bool RequireSecondFactor { get; set; }
}

/// <summary>A platform account that is ready to be used.</summary>
public sealed class OfferedAccount
{
    public string Name { get; set; } = "";

    public string Description { get; set; } = "";

    public string BaseUrl { get; set; } = "";

    public string OrganizationSecret { get; set; } = "";

    public string UserSecret { get; set; } = "";

    /// <summary>Hosts that the account may send a person to for signing in.</summary>
    public IList<string> SignInHosts { get; } = [];
}

/// <summary>How long a session is good.</summary>
public sealed class SessionOptions
{
    /// <summary>After how long a session ends in which nothing was done.</summary>
    public TimeSpan IdleLimit { get; set; } = TimeSpan.FromHours(12);

    /// <summary>After how long a session ends whatever is done in it.</summary>
    public TimeSpan AbsoluteLimit { get; set; } = TimeSpan.FromDays(14);

    /// <summary>How long after signing in, or after the password was entered again, what is dangerous does not ask for it.</summary>
    public TimeSpan ConfirmationLifetime { get; set; } = TimeSpan.FromMinutes(10);
}

/// <summary>How a token is revealed.</summary>
public sealed class RevealOptions
{
    /// <summary>Whether somebody else has to approve that a person sees a token.</summary>
    public bool NeedsSecondPerson { get; set; }
}

/// <summary>The backup that is made every night.</summary>
public sealed class BackupOptions
{
    /// <summary>Where the backups lie; an absolute path. Empty: none are made.</summary>
    public string Directory { get; set; } = "";

    /// <summary>How many days a backup is kept.</summary>
    public int KeepDays { get; set; } = 14;

    /// <summary>When the backup is made, in UTC.</summary>
    public TimeOnly At { get; set; } = new(2, 30);

    /// <summary>What the backups are encrypted with. Empty, and without <see cref="PassphraseFile"/>: they are not.</summary>
    public string Passphrase { get; set; } = "";

    /// <summary>A file whose first line is the passphrase; an absolute path.</summary>
    public string PassphraseFile { get; set; } = "";
}

/// <summary>How long the activity record is kept, and where its anchors are written.</summary>
public sealed class ActivityOptions
{
    /// <summary>
    /// Where signed anchors of the record are written; an absolute path, best on another machine. At start the record is
    /// compared with the newest one. Empty: the directory of the backups (<see cref="BackupOptions.Directory"/>).
    /// </summary>
    public string AnchorDirectory { get; set; } = "";

    /// <summary>
    /// After how many days lines are removed; null: never. They are written to a file in the backups' directory
    /// (<see cref="BackupOptions.Directory"/>) before, and that file is never removed.
    /// </summary>
    public int? KeepDays { get; set; }
}

/// <summary>How the key ring, which opens every stored secret, is protected at rest.</summary>
public sealed class KeyRingOptions
{
    /// <summary>A PKCS#12 file with the certificate that wraps the keys.</summary>
    public string CertificatePath { get; set; } = "";

    /// <summary>The file's password.</summary>
    public string CertificatePassword { get; set; } = "";

    /// <summary>A PKCS#12 file with the certificate that wrapped the keys before: it still opens them, and wraps none.</summary>
    public string PreviousCertificatePath { get; set; } = "";

    /// <summary>The password of the previous certificate's file.</summary>
    public string PreviousCertificatePassword { get; set; } = "";

    /// <summary>
    /// Outside Development, keys must be wrapped by a certificate or this must be true: whoever can read the database
    /// file can then open every secret in it.
    /// </summary>
    public bool AllowUnwrappedKeys { get; set; }

    /// <summary>After how many days doctor warns of values that are still sealed with a key of that age.</summary>
    public int WarnAfterDays { get; set; } = 365;
}
