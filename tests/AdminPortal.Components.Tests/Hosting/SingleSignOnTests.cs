using System.Net;
using System.Web;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Provisioning.Users;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Components.Tests.Hosting;

/// <summary>Single sign-on through the real pipeline, against an authority that can be told to be wrong.</summary>
public sealed partial class SingleSignOnTests(SingleSignOnTests.Stage stage) : IClassFixture<SingleSignOnTests.Stage>
{
    private const string Public = "https://" + RunningPortal.Host;

    private TestAuthority Authority => stage.Authority;

    private RunningPortal Portal => stage.Portal;

    [Fact]
    public async Task SignIn_ByTheAuthority_LetsInWithTheRoleOfTheGroupAndWritesItDown()
    {
        stage.Reset();
        Authority.Be("op-1", "olga@example.com", "everybody", "portal-operators");
        using var client = stage.NewClient();

        using var left = await client.GetAsync("/sign-in/sso?returnUrl=%2Finstances%3Fq%3Da", ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "http"));
        left.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        var asked = HttpUtility.ParseQueryString(left.Headers.Location!.Query);
        left.Headers.Location.GetLeftPart(UriPartial.Path).ShouldBe(Authority.Address + "/authorize");
        asked["redirect_uri"].ShouldBe(Public + "/sign-in/sso/callback");
        asked["scope"].ShouldBe("openid profile email");
        asked["prompt"].ShouldBeNull();
        var cookie = left.Headers.GetValues("Set-Cookie").ShouldHaveSingleItem();
        cookie.ShouldStartWith("__Host-portal-sso-");
        foreach (var word in new[] { "path=/", "secure", "httponly", "samesite=lax", "max-age=600" }) cookie.ShouldContain(word, Case.Insensitive);
        foreach (var name in new[] { "state", "nonce" }) cookie.ShouldNotContain(asked[name]!);

        using var back = await client.GetAsync(await stage.AskAsync(left.Headers.Location));
        back.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        back.Headers.Location!.OriginalString.ShouldBe("/instances?q=a");
        back.Headers.GetValues("Set-Cookie").ShouldContain(one => one.StartsWith(cookie.Split('=')[0] + "=; expires=Thu, 01 Jan 1970", StringComparison.Ordinal));
        (await Stage.IsInAsync(client)).ShouldBeTrue();
        // Its session is the usual one: what it may is the role's.
        using (var people = await client.GetAsync("/people")) people.StatusCode.ShouldBe(HttpStatusCode.Forbidden);

        await using var db = await stage.OpenDatabaseAsync();
        var person = await db.Users.SingleAsync(one => one.Email == "olga@example.com", Token);
        (person.Role, person.ExternalIssuer, person.ExternalSubject, person.PasswordHash).ShouldBe((Role.Operator, Authority.Address, "op-1", null));
        _ = person.LastSignInAt.ShouldNotBeNull();
        var lines = await db.Activity.Where(line => line.PersonId == person.Id).OrderBy(line => line.Id).ToListAsync(Token);
        lines.Select(line => (line.Action, line.Detail)).Take(2).ShouldBe([(ActivityAction.SingleSignOnJoined, "Operator, by Example ID"), (ActivityAction.SignedIn, "Example ID")]);
        lines[0].From.ShouldBe(client.From);
    }

    [Fact]
    public async Task Tabs_Several_ComeBackInAnyOrderUpToABound()
    {
        stage.Reset();
        Authority.Be("tabs", "tabs@example.com", "everybody");
        using var client = stage.NewClient();
        List<string> callbacks = [];
        for (var tab = 0; tab < 6; tab++)
        {
            // Cookies are told apart by the second that they were made in.
            stage.Clock.Ahead += TimeSpan.FromSeconds(1);
            using var left = await client.GetAsync("/sign-in/sso?returnUrl=/tab" + tab);
            callbacks.Add(await stage.AskAsync(left.Headers.Location!));
        }

        foreach (var tab in new[] { 3, 1, 5 })
        {
            using var back = await client.GetAsync(callbacks[tab]);
            back.Headers.Location?.OriginalString.ShouldBe("/tab" + tab);
        }

        // The sixth took the place of the first; who is in meanwhile is led on.
        using var first = await client.GetAsync(callbacks[0]);
        first.Headers.Location!.OriginalString.ShouldBe("/");
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("/\t/evil.example")]
    [InlineData("https://evil.example")]
    [InlineData("https:evil.example")]
    [InlineData("javascript:alert(1)")]
    [InlineData("")]
    public async Task SignIn_ForeignReturnUrl_StaysHere(string returnUrl)
    {
        stage.Reset();
        Authority.Be("stays", "stays@example.com", "everybody");
        using var client = stage.NewClient();

        using var back = await stage.SignInAsync(client, "?returnUrl=" + Uri.EscapeDataString(returnUrl));

        back.Headers.Location!.OriginalString.ShouldBe("/");
    }

    [Fact]
    public async Task SignIn_KeyChangedMeanwhile_ReadsTheNewOne()
    {
        await using var authority = TestAuthority.Start();
        authority.Methods = ["client_secret_post"];
        authority.EndsSessions = false;
        await using var portal = new RunningPortal("Development", authority.Settings(), withSomebody: false);
        await portal.InitializeAsync();
        using var client = portal.NewClient();
        using (var first = await stage.SignInAsync(client)) first.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        authority.ChangeKey();

        // The first one to come is an administrator by the mapping alone, with no setup before.
        using var second = await stage.SignInAsync(client);
        second.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        using (var people = await client.GetAsync("/people")) people.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await portal.Services.GetRequiredService<PeopleService>().HasAdministratorAsync(Token)).ShouldBeTrue();

        // An authority without a place to sign out: only here.
        using var signedOut = await SignOutAsync(client);
        signedOut.Headers.Location!.OriginalString.ShouldBe("/sign-in");
    }

    [Fact]
    public async Task SignOut_OfWhoCameByTheAuthority_GoesOnThere()
    {
        stage.Reset();
        Authority.Be("leaves", "leaves@example.com", "everybody");
        using var client = stage.NewClient();
        using (var back = await stage.SignInAsync(client)) back.StatusCode.ShouldBe(HttpStatusCode.SeeOther);

        using var signedOut = await SignOutAsync(client);

        // Not a redirect: the form may go to the portal alone.
        signedOut.StatusCode.ShouldBe(HttpStatusCode.OK);
        var url = new Uri(signedOut.Headers.GetValues("Refresh").Single()["0; url=".Length..]);
        url.GetLeftPart(UriPartial.Path).ShouldBe(Authority.Address + "/sign-out");
        var query = HttpUtility.ParseQueryString(url.Query);
        query.AllKeys.ShouldBe(["client_id", "post_logout_redirect_uri"]);
        query["post_logout_redirect_uri"].ShouldBe(Public + "/sign-in");

        await Portal.AddPersonAsync("local@example.com");
        using var local = stage.NewClient();
        using (var signedIn = await local.SubmitAsync("/sign-in", "local@example.com", RunningPortal.Password)) signedIn.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        using var here = await SignOutAsync(local);
        here.Headers.Location!.OriginalString.ShouldBe("/sign-in");
    }

    [Fact]
    public async Task NotConfigured_IsNotThere()
    {
        await using var portal = new RunningPortal();
        await portal.InitializeAsync();
        using var client = portal.NewClient();

        foreach (var path in new[] { "/sign-in/sso", "/sign-in/sso/callback?code=a&state=b" })
        {
            using var answer = await client.GetAsync(path);
            answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }

        using var page = await client.GetAsync("/sign-in");
        (await page.Content.ReadAsStringAsync(Token)).ShouldNotContain("/sign-in/sso");
    }

    [Fact]
    public async Task Secrets_OfAllThat_AreInNoLogAndNoFile()
    {
        stage.Reset();
        Authority.Be("quiet", "quiet@example.com", "everybody");
        foreach (var fault in new[] { AuthorityFault.None, AuthorityFault.WrongNonce, AuthorityFault.TokenError, AuthorityFault.OtherIssuer, AuthorityFault.ReturnsError })
        {
            Authority.Fault = fault;
            using var client = stage.NewClient();
            using var back = await stage.SignInAsync(client);
        }

        stage.Log.Text.ShouldContain("Somebody was not let in by single sign-on: TokenNonce.");
        await using (var db = await stage.OpenDatabaseAsync()) _ = await db.Database.ExecuteSqlRawAsync("PRAGMA wal_checkpoint(TRUNCATE)", Token);
        var stored = string.Concat(Directory.EnumerateFiles(Portal.Folder).Select(file => System.Text.Encoding.Latin1.GetString(ReadShared(file))));
        Authority.Secrets.Count.ShouldBeGreaterThan(10);
        foreach (var secret in Authority.Secrets)
        {
            stage.Log.Text.ShouldNotContain(secret);
            stored.ShouldNotContain(secret);
        }
    }

    private static Actor Administrator(RunningPortal portal)
    {
        using var db = portal.Services.GetRequiredService<IDbContextFactory<PortalDb>>().CreateDbContext();
        var person = db.Users.First(one => one.Role == Role.Administrator);
        // As one whom nobody asks for a proof.
        return Actor.Portal with { PersonId = person.Id, Name = person.UserName, Role = Role.Administrator };
    }

    private static byte[] ReadShared(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static async Task<string> TokenOfAsync(HttpResponseMessage page) =>
        new AngleSharp.Html.Parser.HtmlParser().ParseDocument(await page.Content.ReadAsStringAsync(Token))
            .QuerySelector("input[name='__RequestVerificationToken']").ShouldNotBeNull().GetAttribute("value")!;

    private static async Task<HttpResponseMessage> SignOutAsync(PortalClient client)
    {
        using var page = await client.GetAsync("/instances");
        return await client.SendAsync(HttpMethod.Post, "/sign-out", new FormUrlEncodedContent([KeyValuePair.Create("__RequestVerificationToken", await TokenOfAsync(page))]));
    }

    /// <summary>A portal and its authority.</summary>
    public sealed class Stage : IAsyncLifetime
    {
        private readonly HttpClient _browser = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
        private int _clients;

        public TestAuthority Authority { get; } = TestAuthority.Start();

        public RunningPortal Portal { get; private set; } = null!;

        internal CollectedLog Log { get; } = new();

        internal LeadingClock Clock { get; } = new();

        public async ValueTask InitializeAsync()
        {
            Portal = new RunningPortal("Development", Authority.Settings(), log: Log, clock: Clock);
            await Portal.InitializeAsync();
        }

        public void Reset()
        {
            Authority.Fault = AuthorityFault.None;
            Clock.Ahead = TimeSpan.Zero;
        }

        // Each from an address of its own: none runs into its limit.
        internal PortalClient NewClient()
        {
            var client = Portal.NewClient();
            client.From = $"198.51.100.{Interlocked.Increment(ref _clients)}";
            return client;
        }

        /// <summary>What the authority answers a browser that was sent there: the path of the callback.</summary>
        internal async Task<string> AskAsync(Uri departure)
        {
            using var answer = await _browser.GetAsync(departure, Token);
            answer.StatusCode.ShouldBe(HttpStatusCode.Redirect, await answer.Content.ReadAsStringAsync(Token));
            answer.Headers.Location!.GetLeftPart(UriPartial.Path).ShouldBe(Public + "/sign-in/sso/callback");
            return answer.Headers.Location.PathAndQuery;
        }

        /// <summary>There and back.</summary>
        internal async Task<HttpResponseMessage> SignInAsync(PortalClient client, string query = "")
        {
            using var left = await client.GetAsync("/sign-in/sso" + query);
            left.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
            return await client.GetAsync(await AskAsync(left.Headers.Location!));
        }

        internal static async Task<bool> IsInAsync(PortalClient client)
        {
            using var page = await client.GetAsync("/instances");
            return page.StatusCode == HttpStatusCode.OK;
        }

        internal Task<PortalDb> OpenDatabaseAsync() => Portal.Services.GetRequiredService<IDbContextFactory<PortalDb>>().CreateDbContextAsync(Token);

        public async ValueTask DisposeAsync()
        {
            _browser.Dispose();
            await Portal.DisposeAsync();
            await Authority.DisposeAsync();
            Log.Dispose();
        }
    }

    /// <summary>The time, or a while later.</summary>
    internal sealed class LeadingClock : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;
    }
}
