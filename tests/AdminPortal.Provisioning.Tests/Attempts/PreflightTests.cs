using System.Net.Sockets;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Secrets;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Attempts.Consent;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Attempts;

/// <summary>Each line of the pre-flight: green, and amber or red.</summary>
public sealed partial class PreflightTests
{
    private const string Public = "https://portal.example.com";

    [Fact]
    public async Task CheckAsync_AllWell_EveryLineIsGreen()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();

        var lines = await CheckAsync(portal, id, new PreflightContext { BrowserAddress = Public + "/", Forwarded = ForwardedAddress.Read("https", "portal.example.com") });

        lines.ShouldAllBe(line => line.Level == CheckLevel.Passed);
        lines.Select(line => line.Title).ShouldBe(
        [
            "Fields", "Infusionsoft server", "Callback URL", "Server name", "Stray blanks", "Way back", "Your browser", "Proxy", "Platform", "Element", "Element on the platform",
        ]);
        portal.Network.LookedUp.ShouldBe([TestPortal.Server]);
    }

    [Theory]
    [InlineData(NameAnswer.Known, CheckLevel.Passed, "Check.ServerName.Passed")]
    [InlineData(NameAnswer.Unknown, CheckLevel.Warning, "Check.ServerName.Unknown")]
    [InlineData(NameAnswer.NoAnswer, CheckLevel.Warning, "Check.ServerName.NotTried")]
    public async Task CheckAsync_ServerName_IsLookedUp(NameAnswer answer, CheckLevel level, string key)
    {
        await using var portal = await TestPortal.StartAsync();
        portal.Network.OnLookUp = _ => Task.FromResult(answer);

        var line = (await CheckAsync(portal, await portal.AddDraftAsync())).Single(line => line.Title == "Server name");

        line.Level.ShouldBe(level);
        line.Key.ShouldBe(key);
        line.Detail.ShouldContain(TestPortal.Server);
    }

    [Fact]
    public async Task CheckAsync_NameNotAskedOrNoServer_SaysNothingOfIt()
    {
        await using var portal = await TestPortal.StartAsync();
        var rest = await portal.AddDraftAsync(ElementKey.Rest);
        (await CheckAsync(portal, rest)).ShouldNotContain(line => line.Title == "Server name");
        portal.Network.LookedUp.ShouldBeEmpty();

        portal.Network.OnLookUp = _ => Task.FromResult(NameAnswer.NotAsked);
        (await CheckAsync(portal, await portal.AddDraftAsync())).ShouldNotContain(line => line.Title == "Server name");
    }

    [Theory]
    [InlineData(ProbeAnswer.Portal, CheckLevel.Passed)]
    [InlineData(ProbeAnswer.SomethingElse, CheckLevel.Warning)]
    [InlineData(ProbeAnswer.NoAnswer, CheckLevel.Warning)]
    public async Task CheckAsync_WayBack_IsTried(ProbeAnswer answer, CheckLevel level)
    {
        await using var portal = await TestPortal.StartAsync();
        portal.Network.OnProbe = _ => Task.FromResult(answer);

        (await CheckAsync(portal, await portal.AddDraftAsync())).Single(line => line.Title == "Way back").Level.ShouldBe(level);
    }

    [Theory]
    [InlineData("https://portal.example.com/", CheckLevel.Passed, "Check.Browser.Passed")]
    [InlineData("https://PORTAL.example.com:443/", CheckLevel.Passed, "Check.Browser.Passed")]
    [InlineData("https://portal.example.com:8443/", CheckLevel.Warning, "Check.Browser.OtherPort")]
    [InlineData("http://portal.example.com/", CheckLevel.Failed, CheckLine.OtherAddress)]
    [InlineData("https://portal/", CheckLevel.Failed, CheckLine.OtherAddress)]
    [InlineData("http://localhost:5080/", CheckLevel.Failed, CheckLine.OtherAddress)]
    public async Task CheckAsync_BrowserAddress_IsComparedWithThePublicOne(string address, CheckLevel level, string key)
    {
        await using var portal = await TestPortal.StartAsync();

        var line = (await CheckAsync(portal, await portal.AddDraftAsync(), new PreflightContext { BrowserAddress = address })).Single(line => line.Title == "Your browser");

        (line.Level, line.Key).ShouldBe((level, key));
    }

    [Theory]
    [InlineData("https", "portal.example.com", CheckLevel.Passed)]
    [InlineData("https, http", "portal.example.com:443", CheckLevel.Passed)]
    [InlineData("https", null, CheckLevel.Passed)]
    [InlineData("http", "portal.example.com", CheckLevel.Warning)]
    [InlineData("https", "inside.local", CheckLevel.Warning)]
    [InlineData(null, "portal.example.com:8443", CheckLevel.Warning)]
    public async Task CheckAsync_ForwardedHeaders_AreComparedWithThePublicAddress(string? proto, string? host, CheckLevel level)
    {
        await using var portal = await TestPortal.StartAsync();

        var lines = await CheckAsync(portal, await portal.AddDraftAsync(), new PreflightContext { Forwarded = ForwardedAddress.Read(proto, host) });

        lines.Single(line => line.Title == "Proxy").Level.ShouldBe(level);
    }

    [Fact]
    public void ForwardedAddress_NoHeader_IsNone()
    {
        ForwardedAddress.Read(null, null).ShouldBeNull();
        ForwardedAddress.Read("", " ").ShouldBeNull();
    }

    [Theory]
    [InlineData("client id", "Alpha", "client ID")]
    [InlineData("client\u200bid", "Alpha", "client ID")]
    [InlineData("client-id", "Alpha\u00a0Beta", "instance name")]
    [InlineData("client-id", "Alpha  Beta", "instance name")]
    [InlineData("client-id", "Alpha\ufeff", "instance name")]
    public async Task CheckAsync_BlanksInAValue_NameTheField(string clientId, string name, string field)
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        await using (var db = portal.OpenDatabase())
        {
            // By another way than the portal's own forms, which take them out.
            await db.ProviderApps.ExecuteUpdateAsync(row => row.SetProperty(app => app.ClientId, clientId), Token);
            await db.Attempts.ExecuteUpdateAsync(row => row.SetProperty(attempt => attempt.Name, name), Token);
        }

        var line = (await CheckAsync(portal, id)).Single(line => line.Title == "Stray blanks");

        line.Level.ShouldBe(CheckLevel.Warning);
        line.Detail.ShouldContain($": {field}.");
    }

    [Fact]
    public async Task CheckAsync_BlankInASecret_NamesItAndNeverShowsIt()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        await using (var db = portal.OpenDatabase())
        {
            var app = await db.ProviderApps.SingleAsync(Token);
            app.Origins.Single().ClientSecret = portal.Secrets.Seal(SecretKind.ClientSecret, app.Id, "two words");
            await db.SaveChangesAsync(Token);
        }

        var lines = await CheckAsync(portal, id);

        lines.Single(line => line.Level != CheckLevel.Passed).Detail.ShouldContain("client secret");
        lines.ShouldNotContain(line => line.Detail.Contains("two words", StringComparison.Ordinal));
    }

    [Fact]
    public async Task CheckAsync_SecretThatDoesNotOpen_IsFoundBeforeTheConsent()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        await using (var db = portal.OpenDatabase())
        {
            var app = await db.ProviderApps.SingleAsync(Token);
            app.Origins.Single().ClientSecret = portal.Secrets.Seal(SecretKind.ClientSecret, Guid.NewGuid(), "of another row");
            await db.SaveChangesAsync(Token);
        }

        var line = (await CheckAsync(portal, id)).Single(line => line.Level == CheckLevel.Failed);

        line.Title.ShouldBe("Stored secrets");
        line.Detail.ShouldContain("client secret");
        line.Step.ShouldBe(WizardStep.Provider);
    }

    [Theory]
    [InlineData(true, false, CheckLevel.Passed)]
    [InlineData(null, null, CheckLevel.Passed)]
    [InlineData(false, false, CheckLevel.Failed)]
    [InlineData(true, true, CheckLevel.Failed)]
    public async Task CheckAsync_Element_HasToBeSwitchedOn(bool? active, bool? deleted, CheckLevel level)
    {
        await using var portal = await TestPortal.StartAsync();
        portal.Platform.OnElement = () => new PlatformOutcome<PlatformElement>.Success(new PlatformElement(active, deleted), null);

        (await CheckAsync(portal, await portal.AddDraftAsync())).Single(line => line.Title == "Element on the platform").Level.ShouldBe(level);
    }

    [Fact]
    public async Task CheckAsync_ElementOffForAnInstanceThatExists_OnlyWarns()
    {
        await using var portal = await TestPortal.StartAsync();
        var instance = await portal.ConnectAsync();
        portal.Platform.OnElement = () => new PlatformOutcome<PlatformElement>.Success(new PlatformElement(false, false), null);
        var id = (await portal.Get<ReauthenticationService>().StartAsync(instance, Reauthentications.Ada, Token)).Value;

        (await CheckAsync(portal, id)).Single(line => line.Title == "Element on the platform").Level.ShouldBe(CheckLevel.Warning);
    }

    [Fact]
    public async Task CheckAsync_ElementUnknownOrUnsaid_StopsOrWarns()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        portal.Platform.OnElement = () => FakePlatform.Refuse<PlatformElement>(404, "No element found");
        (await CheckAsync(portal, id)).Single(line => line.Title == "Element on the platform").Level.ShouldBe(CheckLevel.Failed);

        portal.Platform.OnElement = () => new PlatformOutcome<PlatformElement>.Unknown(UnclearReason.ServerError, 500);
        (await CheckAsync(portal, id)).Single(line => line.Title == "Element on the platform").Level.ShouldBe(CheckLevel.Warning);
    }

    [Fact]
    public async Task CheckAsync_PlatformRefuses_Stops()
    {
        await using var portal = await TestPortal.StartAsync();
        portal.Platform.OnConfiguration = () => FakePlatform.Refuse<IReadOnlyList<PlatformConfigurationEntry>>(401, "Invalid Organization or User secret");

        (await CheckAsync(portal, await portal.AddDraftAsync())).Single(line => line.Level == CheckLevel.Failed).Title.ShouldBe("Platform");
    }

    [Theory]
    [InlineData(ElementCatalog.EncryptedKeyKey, true, CheckLevel.Failed)]
    [InlineData(ElementCatalog.EncryptedKeyKey, false, CheckLevel.Warning)]
    [InlineData(ElementCatalog.ServerKey, true, CheckLevel.Failed)]
    [InlineData(ElementCatalog.ServerKey, false, CheckLevel.Warning)]
    public async Task CheckAsync_EmptyField_IsThePlatformsToDemand(string key, bool required, CheckLevel level)
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await EmptyAsync(portal, key);
        Tell(portal, new PlatformConfigurationEntry(key, null, null, required, false));

        var line = (await CheckAsync(portal, id)).Single(line => line.Level != CheckLevel.Passed);

        line.Level.ShouldBe(level);
        line.Step.ShouldBe(WizardStep.Account);
    }

    [Fact]
    public async Task CheckAsync_PlatformDoesNotSayWhetherAFieldIsRequired_TheCatalogHolds()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await EmptyAsync(portal, ElementCatalog.EncryptedKeyKey);
        Tell(portal);
        (await CheckAsync(portal, id)).ShouldContain(line => line.Level == CheckLevel.Failed);

        Tell(portal, new PlatformConfigurationEntry(ElementCatalog.EncryptedKeyKey, null, null, false, false) { SaysWhetherRequired = false });
        (await CheckAsync(portal, id)).ShouldContain(line => line.Level == CheckLevel.Failed);

        Tell(portal, new PlatformConfigurationEntry(ElementCatalog.EncryptedKeyKey, null, null, false, Internal: true));
        (await CheckAsync(portal, id)).ShouldContain(line => line.Level == CheckLevel.Failed);
    }

    [Fact]
    public async Task AuthorizeAsync_FieldThatThePlatformDoesNotRequire_CanBeLeftEmpty()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await EmptyAsync(portal, ElementCatalog.EncryptedKeyKey);
        Tell(portal, new PlatformConfigurationEntry(ElementCatalog.EncryptedKeyKey, null, null, false, false));

        var asked = await portal.Consents.AuthorizeAsync(id, new PreflightContext(), Token);
        asked.MayLeave.ShouldBeFalse();
        asked.Asks.ShouldHaveSingleItem().Key.ShouldBe("Check.Fields.NotRequired");

        var accepted = await portal.Consents.AuthorizeAsync(id, new PreflightContext { Accepted = ["Check.Fields.NotRequired"] }, Token);
        accepted.MayLeave.ShouldBeTrue();
    }

    [Fact]
    public async Task CheckAsync_MalformedField_StopsWhateverThePlatformRequires()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        await portal.Drafts.KeepAccountAsync(id, new AccountDetails { Values = new() { [ElementCatalog.ServerKey] = "http://dt123.infusionsoft.com" } }, Token);
        Tell(portal, new PlatformConfigurationEntry(ElementCatalog.ServerKey, null, null, false, false));

        (await CheckAsync(portal, id)).ShouldContain(line => line.Level == CheckLevel.Failed && line.Title == "Infusionsoft server");
    }

    [Fact]
    public async Task CheckAsync_PlatformRequiresWhatThePortalHasNoFieldFor_WarnsUnlessItHasAValueOfItsOwn()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        Tell(portal, new PlatformConfigurationEntry("new.field", null, null, true, false));
        (await CheckAsync(portal, id)).Single(line => line.Level != CheckLevel.Passed).ShouldSatisfyAllConditions(
            line => line.Level.ShouldBe(CheckLevel.Warning),
            line => line.Detail.ShouldContain("new.field"));

        Tell(portal, new PlatformConfigurationEntry("new.field", null, null, true, false) { HasDefault = true });
        (await CheckAsync(portal, id)).ShouldAllBe(line => line.Level == CheckLevel.Passed);
    }

    [Fact]
    public async Task CheckAsync_NothingAnswers_EndsAfterTheLimitAndSaysSo()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        portal.Network.OnLookUp = Never<NameAnswer>;
        portal.Network.OnProbe = Never<ProbeAnswer>;
        List<int> shown = [];

        var checking = portal.Consents.CheckAsync(id, PreflightContext.Unattended, lines => shown.Add(lines.Count), Token);
        // Whatever did not answer is waiting by the clock now.
        while (shown.LastOrDefault() < 7) await Task.Yield();
        portal.Clock.Advance(Preflight.Limit);
        var lines = await checking;

        lines.Where(line => line.Level == CheckLevel.Warning).Select(line => line.Key).ShouldBe(["Check.ServerName.NotTried", "Check.Callback.NoAnswer"]);
        shown[^1].ShouldBe(lines.Count);
    }

    [Fact]
    public async Task CheckAsync_Cancelled_IsThrown()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        portal.Network.OnProbe = Never<ProbeAnswer>;
        using var left = new CancellationTokenSource();

        var checking = portal.Consents.CheckAsync(id, PreflightContext.Unattended, null, left.Token);
        await left.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(checking);
    }

    public static TheoryData<string, ProbeAnswer> Answers() => new()
    {
        { "HTTP/1.1 200 OK\r\nContent-Length: 20\r\nConnection: close\r\n\r\nAdminPortal callback", ProbeAnswer.Portal },
        { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello", ProbeAnswer.SomethingElse },
        { "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", ProbeAnswer.SomethingElse },
        { "HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", ProbeAnswer.SomethingElse },
        { "HTTP/1.1 200 OK\r\nContent-Length: 999999\r\nConnection: close\r\n\r\nx", ProbeAnswer.SomethingElse },
        { "nonsense\r\n\r\n", ProbeAnswer.NoAnswer },
    };

    private static Task<IReadOnlyList<CheckLine>> CheckAsync(TestPortal portal, Guid id, PreflightContext? context = null) =>
        portal.Consents.CheckAsync(id, context ?? new PreflightContext(), null, Token);

    private static void Tell(TestPortal portal, params PlatformConfigurationEntry[] entries) =>
        portal.Platform.OnConfiguration = () => new PlatformOutcome<IReadOnlyList<PlatformConfigurationEntry>>.Success(entries, null);

    private static async Task<Guid> EmptyAsync(TestPortal portal, string key)
    {
        var id = await portal.AddDraftAsync();
        await using var db = portal.OpenDatabase();
        var attempt = await db.Attempts.SingleAsync(row => row.Id == id, Token);
        attempt.Configuration = attempt.Configuration.Where(entry => entry.Key != key).ToDictionary();
        attempt.SealedConfiguration = attempt.SealedConfiguration.Where(entry => entry.Key != key).ToDictionary();
        await db.SaveChangesAsync(Token);
        return id;
    }

    private static async Task<T> Never<T>(CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        throw new InvalidOperationException("It never ends by itself.");
    }
}
