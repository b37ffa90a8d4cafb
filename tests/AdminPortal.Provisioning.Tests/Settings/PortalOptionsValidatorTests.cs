using AdminPortal.Domain.Settings;
using AdminPortal.Provisioning.Settings;

namespace AdminPortal.Provisioning.Tests.Settings;

public sealed class PortalOptionsValidatorTests
{
    [Fact]
    public void Validate_Good_Succeeds() => Failures(_ => { }).ShouldBeEmpty();

    public static TheoryData<string, string> Wrong() => new()
    {
        { "Portal:PublicBaseUrl", "empty address" },
        { "Portal:PublicBaseUrl", "http address" },
        { "Portal:PublicBaseUrl", "loopback http address" },
        { "Portal:PublicBaseUrl", "address with a path" },
        { "Portal:PublicBaseUrl", "no address" },
        { "Portal:PublicBaseUrl", "address with a password" },
        { "Portal:DataDirectory", "relative directory" },
        { "Portal:ConsentLifetime", "short consent" },
        { "Portal:ConsentLifetime", "long consent" },
        { "Portal:CodeLifetime", "short code" },
        { "Portal:CodeLifetime", "long code" },
        { "Portal:UnansweredPatience", "short patience" },
        { "Portal:UnansweredPatience", "long patience" },
        { "Portal:DraftLifetime", "short drafts" },
        { "Portal:DraftLifetime", "long drafts" },
        { "Portal:SessionCheckInterval", "short session check" },
        { "Portal:SessionCheckInterval", "long session check" },
        { "Portal:Sessions:IdleLimit", "short idle" },
        { "Portal:Sessions:IdleLimit", "long idle" },
        { "Portal:Sessions:AbsoluteLimit", "short sessions" },
        { "Portal:Sessions:AbsoluteLimit", "long sessions" },
        { "Portal:Sessions:AbsoluteLimit", "sessions shorter than idle" },
        { "Portal:Sessions:ConfirmationLifetime", "short confirmation" },
        { "Portal:Sessions:ConfirmationLifetime", "long confirmation" },
        { "Portal:BulkParallelism", "no parallelism" },
        { "Portal:BulkParallelism", "much parallelism" },
        { "Portal:ChecksPerMinute", "no checks" },
        { "Portal:ChecksPerMinute", "too many checks" },
        { "Portal:RefreshTokenLifetime", "short lifetime" },
        { "Portal:RefreshTokenLifetime", "long lifetime" },
        { "Portal:KeyRing:CertificatePath", "certificate that is not there" },
        { "Portal:KeyRing:PreviousCertificatePath", "previous certificate that is not there" },
        { "Portal:KeyRing:AllowUnwrappedKeys", "unwrapped keys" },
        { "Portal:Backup:Directory", "relative backups" },
        { "Portal:Activity:AnchorDirectory", "relative anchors" },
        { "Portal:Backup:KeepDays", "no days" },
        { "Portal:OfferedAccounts:1:BaseUrl", "offered address" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Validate_Wrong_NamesTheKeyToMend(string key, string what)
    {
        var failures = Failures(options => Break(options, what));

        failures.ShouldHaveSingleItem().ShouldContain(key);
    }

    [Theory]
    [InlineData("http://127.0.0.1:5000")]
    [InlineData("http://localhost:5000/")]
    [InlineData("http://[::1]:5000")]
    public void Validate_LoopbackHttp_IsForDevelopmentAlone(string url)
    {
        Failures(options => options.PublicBaseUrl = url, "Development").ShouldBeEmpty();
        Failures(options => options.PublicBaseUrl = url, "Staging").ShouldHaveSingleItem().ShouldContain("Portal:PublicBaseUrl");
        Failures(options => options.PublicBaseUrl = "http://192.168.0.1", "Development").ShouldHaveSingleItem().ShouldContain("Portal:PublicBaseUrl");
    }

    [Fact]
    public void Validate_UnwrappedKeys_AreFineInDevelopment() =>
        Failures(options => options.KeyRing.AllowUnwrappedKeys = false, "Development").ShouldBeEmpty();

    [Theory]
    [InlineData("10.0.0.5", true)]
    [InlineData("10.0.0.0/24", true)]
    [InlineData("2001:db8::/48", true)]
    [InlineData("proxy.example.com", false)]
    [InlineData("10.0.0.0/33", false)]
    [InlineData("", false)]
    public void Validate_TrustedProxy_IsAnAddressOrANetwork(string proxy, bool isOne) =>
        Failures(options => options.TrustedProxies.Add(proxy)).Exists(failure => failure.StartsWith("Portal:TrustedProxies", StringComparison.Ordinal)).ShouldBe(!isOne);

    [Theory]
    [InlineData("adminportal", true)]
    [InlineData("portal.internal.example.com", true)]
    [InlineData("https://portal.example.com", false)]
    [InlineData("portal:8080", false)]
    [InlineData("*", false)]
    public void Validate_OtherHost_IsAName(string host, bool isOne) =>
        Failures(options => options.OtherHosts.Add(host)).Exists(failure => failure.StartsWith("Portal:OtherHosts", StringComparison.Ordinal)).ShouldBe(!isOne);

    [Fact]
    public void Validate_SeveralWrong_NamesThemAll() =>
        Failures(options =>
        {
            options.PublicBaseUrl = "";
            options.DataDirectory = "here";
            options.CodeLifetime = TimeSpan.Zero;
        }).Count.ShouldBe(3);

    private static void Break(PortalOptions options, string what)
    {
        switch (what)
        {
            case "empty address": options.PublicBaseUrl = ""; break;
            case "http address": options.PublicBaseUrl = "http://portal.example.com"; break;
            case "loopback http address": options.PublicBaseUrl = "http://127.0.0.1:5000"; break;
            case "address with a path": options.PublicBaseUrl = "https://portal.example.com/portal"; break;
            case "no address": options.PublicBaseUrl = "portal.example.com"; break;
            case "address with a password": options.PublicBaseUrl = "https://a:b@portal.example.com"; break;
            case "relative directory": options.DataDirectory = "data"; break;
            case "short consent": options.ConsentLifetime = TimeSpan.FromSeconds(59); break;
            case "long consent": options.ConsentLifetime = TimeSpan.FromMinutes(61); break;
            case "short session check": options.SessionCheckInterval = TimeSpan.FromMilliseconds(999); break;
            case "short idle": options.Sessions.IdleLimit = TimeSpan.FromMinutes(4); break;
            case "long idle": options.Sessions = new() { IdleLimit = TimeSpan.FromDays(31), AbsoluteLimit = TimeSpan.FromDays(40) }; break;
            case "short sessions": options.Sessions = new() { IdleLimit = TimeSpan.FromMinutes(5), AbsoluteLimit = TimeSpan.FromMinutes(9) }; break;
            case "long sessions": options.Sessions.AbsoluteLimit = TimeSpan.FromDays(91); break;
            case "sessions shorter than idle": options.Sessions.AbsoluteLimit = TimeSpan.FromHours(11); break;
            case "short confirmation": options.Sessions.ConfirmationLifetime = TimeSpan.FromSeconds(29); break;
            case "long confirmation": options.Sessions.ConfirmationLifetime = TimeSpan.FromMinutes(61); break;
            case "long session check": options.SessionCheckInterval = TimeSpan.FromSeconds(61); break;
            case "no checks": options.ChecksPerMinute = 0; break;
            case "too many checks": options.ChecksPerMinute = 6001; break;
            case "short code": options.CodeLifetime = TimeSpan.FromSeconds(9); break;
            case "long code": options.CodeLifetime = TimeSpan.FromMinutes(31); break;
            case "short patience": options.UnansweredPatience = TimeSpan.FromSeconds(4); break;
            case "long patience": options.UnansweredPatience = TimeSpan.FromMinutes(61); break;
            case "short drafts": options.DraftLifetime = TimeSpan.FromHours(23); break;
            case "long drafts": options.DraftLifetime = TimeSpan.FromDays(3651); break;
            case "no parallelism": options.BulkParallelism = 0; break;
            case "much parallelism": options.BulkParallelism = 33; break;
            case "short lifetime": options.RefreshTokenLifetime = TimeSpan.FromHours(23); break;
            case "long lifetime": options.RefreshTokenLifetime = TimeSpan.FromDays(401); break;
            case "certificate that is not there": options.KeyRing.CertificatePath = Path.Combine(Path.GetTempPath(), Guid.NewGuid() + ".pfx"); break;
            case "previous certificate that is not there": options.KeyRing.PreviousCertificatePath = Path.Combine(Path.GetTempPath(), Guid.NewGuid() + ".pfx"); break;
            case "relative anchors": options.Activity.AnchorDirectory = "anchors"; break;
            case "relative backups": options.Backup.Directory = "backups"; break;
            case "no days": options.Backup.KeepDays = 0; break;
            case "unwrapped keys": options.KeyRing.AllowUnwrappedKeys = false; break;
            case "offered address":
                options.OfferedAccounts.Add(new OfferedAccount { BaseUrl = "https://api.cloud-elements.com" });
                options.OfferedAccounts.Add(new OfferedAccount { BaseUrl = "http://api.cloud-elements.com" });
                break;
            default: throw new ArgumentOutOfRangeException(nameof(what), what, null);
        }
    }

    private static List<string> Failures(Action<PortalOptions> change, string environment = "Production")
    {
        var options = new PortalOptions { PublicBaseUrl = "https://portal.example.com", KeyRing = { AllowUnwrappedKeys = true } };
        change(options);
        return [.. new PortalOptionsValidator(new TestEnvironment(environment)).Validate(null, options).Failures ?? []];
    }
}
