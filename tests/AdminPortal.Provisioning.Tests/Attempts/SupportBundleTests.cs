using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
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

public sealed class SupportBundleTests
{
    [Fact]
    public async Task WriteAsync_ASuccess_HoldsWhatSomebodyWhoHelpsNeeds()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddReceivedAsync();
        await portal.Provisioner.ExchangeAsync(id);
        await portal.Provisioner.VerifyAsync(id, Token);

        var (name, bundle, _) = await WriteAsync(portal, id);

        name.ShouldBe($"adminportal-attempt-{id}.json");
        Text(bundle, "portal", "publicBaseUrl").ShouldBe("https://portal.example.com");
        Text(bundle, "portal", "database").ShouldBe("Microsoft.EntityFrameworkCore.Sqlite");
        Text(bundle, "portal", "runtime").ShouldStartWith(".NET 10");
        Text(bundle, "portal", "version").ShouldNotBeEmpty();
        Text(bundle, "attempt", "id").ShouldBe(id.ToString());
        Text(bundle, "attempt", "state").ShouldBe("Active");
        Text(bundle, "attempt", "kind").ShouldBe("create");
        Text(bundle, "attempt", "element").ShouldBe(ElementKey.Crm);
        Text(bundle, "attempt", "platformAccount", "baseUrl").ShouldBe("https://staging.cloud-elements.com");
        Text(bundle, "attempt", "providerApp", "clientId").ShouldBe("client-id");
        Text(bundle, "attempt", "callbackUrl").ShouldBe(TestPortal.CallbackUrl);
        Text(bundle, "attempt", "configuration", ElementCatalog.ServerKey).ShouldBe(TestPortal.Server);
        bundle["timeline"]!["steps"]!.AsArray().Select(step => Text(step!, "step")).ShouldBe(
            ["Draft", "Preflight", "SignInAddress", "Left", "AtProvider", "Returned", "Claimed", "Sent", "Answered", "Verified"]);
        var sent = bundle["timeline"]!["steps"]![7]!["sent"]!;
        Text(sent, "name").ShouldBe("API instance");
        Text(sent, "element", "key").ShouldBe(ElementKey.Crm);
        Text(sent, "configuration", "oauth.api.secret").ShouldBe("***");
        Text(sent, "configuration", ElementCatalog.EncryptedKeyKey).ShouldBe("***");
        Text(sent, "configuration", ElementCatalog.ServerKey).ShouldBe(TestPortal.Server);
        Text(bundle, "checks", "0", "outcome").ShouldBe("Alive");
        bundle["orphans"]!.AsArray().ShouldBeEmpty();
        bundle["previousAttempts"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task WriteAsync_AnAttempt_IsNotedWithWhoHasIt()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();

        await WriteAsync(portal, id);

        var line = (await portal.ListActivityAsync(ActivityAction.SupportBundleDownloaded)).ShouldHaveSingleItem();
        line.PersonName.ShouldBe("ada@example.com");
        line.Subject.ShouldBe("API instance");
        line.Detail.ShouldNotBeNull().ShouldContain(id.ToString());
    }

    [Fact]
    public async Task WriteAsync_NoSuchAttempt_SaysSo()
    {
        await using var portal = await TestPortal.StartAsync();

        var file = await portal.Get<SupportBundle>().WriteAsync(Guid.NewGuid(), Reauthentications.Ada, Token);

        file.Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotFound);
        (await portal.ListActivityAsync(ActivityAction.SupportBundleDownloaded)).ShouldBeEmpty();
    }

    [Fact]
    public async Task WriteAsync_ADraft_NamesItsSecretsAndHoldsNone()
    {
        await using var portal = await TestPortal.StartAsync();

        var (_, bundle, text) = await WriteAsync(portal, await portal.AddDraftAsync());

        bundle["attempt"]!["storedSecrets"]!.AsArray().Select(key => (string?)key).ShouldBe([ElementCatalog.EncryptedKeyKey]);
        text.ShouldNotContain(TestPortal.EncryptedKey);
    }

    [Fact]
    public async Task WriteAsync_APlatformThatRepeatsEverySecret_HoldsNone()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddReceivedAsync();
        string[] planted = [TestPortal.Code, TestPortal.EncryptedKey, "client-secret", "org-secret", "user-secret"];
        var echo = string.Join(" ; ", planted) + " ; client\\u002dsecret ; code=" + TestPortal.Code;
        portal.Platform.OnCreate = _ => Task.FromResult<PlatformOutcome<PlatformInstance>>(
            new PlatformOutcome<PlatformInstance>.Refused(400, "Bad request: " + echo, "It said " + echo, "req-1", null));
        await portal.Provisioner.ExchangeAsync(id);

        var (_, bundle, text) = await WriteAsync(portal, id);

        Text(bundle, "ending", "message").ShouldStartWith("Bad request: *** ; *** ; *** ; *** ; ***");
        Text(bundle, "ending", "requestId").ShouldBe("req-1");
        foreach (var secret in planted) text.ShouldNotContain(secret);
        text.ShouldNotContain("u002dsecret");
    }

    [Fact]
    public async Task WriteAsync_AnInstanceWhoseChecksRepeatItsToken_HoldsNone()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddReceivedAsync();
        const string elementToken = "0aK+pla/nted=Token";
        var instanceName = $"API instance {elementToken}";
        portal.Platform.OnCreate = created => Task.FromResult<PlatformOutcome<PlatformInstance>>(
            new PlatformOutcome<PlatformInstance>.Success(FakePlatform.Instance(77, instanceName, created.Tags, elementToken), "create-1"));
        portal.Platform.OnGet = _ => new PlatformOutcome<PlatformInstance>.Success(FakePlatform.Instance(77, instanceName, token: elementToken), "get-1");
        portal.Platform.OnPing = () => new PlatformOutcome<PlatformPong>.Refused(400, $"Element {elementToken} does not answer", null, "ping-1", null);
        var tag = (await portal.ReadAttemptAsync(id)).PortalTag;
        portal.Platform.OnList = (_, _) => new PlatformOutcome<PlatformInstancePage>.Success(
            new PlatformInstancePage([FakePlatform.Instance(77, tags: [tag]), FakePlatform.Instance(78, $"Second {elementToken}", [tag])], null), "list-1");
        await portal.Provisioner.ExchangeAsync(id);
        await portal.Provisioner.VerifyAsync(id, Token);

        var (_, bundle, text) = await WriteAsync(portal, id);

        Text(bundle, "checks", "0", "outcome").ShouldBe("Refused");
        Text(bundle, "orphans", "0", "platformId").ShouldBe("78");
        Text(bundle, "orphans", "0", "name").ShouldBe("Second ***");
        Text(bundle, "instance", "name").ShouldBe("API instance ***");
        text.ShouldNotContain(elementToken);
        text.ShouldNotContain("pla/nted");
    }

    [Fact]
    public async Task WriteAsync_AwaitingConsent_HoldsNeitherStateNorAddress()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync(name: "Before");
        var state = await portal.SendAwayAsync(id);
        await using (var db = portal.OpenDatabase())
        {
            await db.Attempts.ExecuteUpdateAsync(row => row.SetProperty(attempt => attempt.Name, "Named " + state), Token);
        }

        var (_, bundle, text) = await WriteAsync(portal, id);

        Text(bundle, "attempt", "name").ShouldBe("Named ***");
        text.ShouldNotContain(state);
        text.ShouldNotContain("accounts.infusionsoft.com");
    }

    [Fact]
    public async Task WriteAsync_EventsWithAnAddressThatHoldsACredential_HoldsItsHostAlone()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync(ElementKey.Rest);
        var events = new EventSettings { Enabled = true, CallbackUrl = "https://hooks.example.com/services/planted-path?key=planted-hook", Resources = ["contacts"], PollerConfiguration = """{"contacts":{"url":"/contacts?secret=planted-poller"}}""" };
        (await portal.Drafts.SaveOptionsAsync(id, new InstanceOptions { Name = "Events", Events = events, SignatureKey = "planted-signature" }, Token)).Succeeded.ShouldBeTrue();
        var state = await portal.SendAwayAsync(id);
        _ = await portal.Consents.ReceiveAsync(portal.Return(state), Token);
        await portal.Provisioner.ExchangeAsync(id);

        var (_, bundle, text) = await WriteAsync(portal, id);

        Text(bundle, "attempt", "events", "callbackUrl").ShouldBe("https://hooks.example.com");
        text.ShouldNotContain("planted-");
    }

    [Fact]
    public async Task WriteAsync_TriedAgain_TellsHowTheOthersEnded()
    {
        await using var portal = await TestPortal.StartAsync();
        var first = await RefuseAsync(portal, await portal.AddReceivedAsync(), $"No: {TestPortal.EncryptedKey}");
        var second = (await portal.Drafts.TryAgainAsync(first, Actor.Portal, Token)).Value;
        var state = await portal.SendAwayAsync(second);
        _ = await portal.Consents.ReceiveAsync(new Callback(null, state, "access_denied", null, null, portal.Browser), Token);
        var third = (await portal.Drafts.TryAgainAsync(second, Actor.Portal, Token)).Value;

        var (_, bundle, text) = await WriteAsync(portal, third);

        bundle["previousAttempts"]!.AsArray().Select(row => Text(row!, "id")).ShouldBe([second.ToString(), first.ToString()]);
        Text(bundle, "previousAttempts", "0", "ending", "reason").ShouldBe("AccessDenied");
        Text(bundle, "previousAttempts", "1", "ending", "message").ShouldBe("No: ***");
        text.ShouldNotContain(TestPortal.EncryptedKey);
    }

    [Fact]
    public async Task WriteAsync_KeyRingLost_StillTakesOutWhatLooksLikeASecret()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await RefuseAsync(portal, await portal.AddReceivedAsync(), "Bad key 0123456789abcdef0123 for dt123.infusionsoft.com, see infusionsoft.private.key");
        await using (var db = portal.OpenDatabase())
        {
            await db.Accounts.ExecuteUpdateAsync(row => row.SetProperty(account => account.UserSecret, new Sealed("broken")), Token);
        }

        var (_, bundle, _) = await WriteAsync(portal, id);

        Text(bundle, "ending", "message").ShouldBe("Bad key *** for dt123.infusionsoft.com, see infusionsoft.private.key");
    }

    [Fact]
    public async Task WriteAsync_Reauthentication_SaysSo()
    {
        await using var portal = await TestPortal.StartAsync();
        var instance = await portal.ConnectAsync();
        var id = await portal.ReceiveAgainAsync(instance);
        await portal.Provisioner.ExchangeAsync(id);

        var (_, bundle, text) = await WriteAsync(portal, id);

        Text(bundle, "attempt", "kind").ShouldBe("reauthenticate");
        Text(bundle, "attempt", "targetInstance").ShouldBe(instance.ToString());
        text.ShouldNotContain("element-token");
    }

    private static async Task<Guid> RefuseAsync(TestPortal portal, Guid id, string message)
    {
        portal.Platform.OnCreate = _ => Task.FromResult(FakePlatform.Refuse<PlatformInstance>(400, message));
        await portal.Provisioner.ExchangeAsync(id);
        return id;
    }

    private static async Task<(string Name, JsonNode Bundle, string Text)> WriteAsync(TestPortal portal, Guid id)
    {
        var file = (await portal.Get<SupportBundle>().WriteAsync(id, Reauthentications.Ada, Token)).Value;
        var text = Encoding.UTF8.GetString(file.Content.Span);
        return (file.Name, JsonNode.Parse(text)!, text);
    }

    private static string Text(JsonNode node, params string[] path)
    {
        foreach (var part in path) node = (int.TryParse(part, out var index) ? node[index] : node[part]).ShouldNotBeNull(part);
        return node.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : node.ToJsonString();
    }
}
