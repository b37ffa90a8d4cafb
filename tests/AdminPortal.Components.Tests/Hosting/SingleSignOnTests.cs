using System.Net;
using System.Web;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Hosting.SingleSignOn;
using AdminPortal.Provisioning.Users;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Components.Tests.Hosting;

/// <summary>Single sign-on through the real pipeline, against an authority that can be told to be wrong.</summary>
public sealed class SingleSignOnTests(SingleSignOnTests.Stage stage) : IClassFixture<SingleSignOnTests.Stage>
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

    [Theory]
    [InlineData(AuthorityFault.WrongNonce, 400, "another sign-in")]
    [InlineData(AuthorityFault.NoNonce, 400, "another sign-in")]
    [InlineData(AuthorityFault.WrongAudience, 400, "said to another application")]
    [InlineData(AuthorityFault.SeveralAudiences, 400, "said to another application")]
    [InlineData(AuthorityFault.OtherAuthorizedParty, 400, "said to another application")]
    [InlineData(AuthorityFault.Expired, 400, "not good at this time")]
    [InlineData(AuthorityFault.NoExpiry, 400, "not good at this time")]
    [InlineData(AuthorityFault.NotYet, 400, "not good at this time")]
    [InlineData(AuthorityFault.IssuedLater, 400, "not good at this time")]
    [InlineData(AuthorityFault.OtherIssuer, 400, "issued by somebody else")]
    [InlineData(AuthorityFault.NotSigned, 400, "not signed as it has to be")]
    [InlineData(AuthorityFault.SignatureRemoved, 400, "not signed as it has to be")]
    [InlineData(AuthorityFault.CriticalExtension, 400, "not signed as it has to be")]
    [InlineData(AuthorityFault.PublicKeyAsSecret, 400, "not signed as it has to be")]
    [InlineData(AuthorityFault.WrongKey, 400, "not signed as it has to be")]
    [InlineData(AuthorityFault.UnknownKey, 400, "not signed as it has to be")]
    [InlineData(AuthorityFault.Altered, 400, "not signed as it has to be")]
    [InlineData(AuthorityFault.WrongAccessTokenHash, 400, "does not hold what it has to")]
    [InlineData(AuthorityFault.NoSubject, 400, "does not hold what it has to")]
    [InlineData(AuthorityFault.NoToken, 400, "holds no ID token")]
    [InlineData(AuthorityFault.NotJson, 400, "holds no ID token")]
    [InlineData(AuthorityFault.TokenError, 400, "It says: invalid_grant: The code *** is &lt;i&gt;old&lt;/i&gt;.")]
    [InlineData(AuthorityFault.TokenErrorWithoutDescription, 400, "It says: invalid_client. Begin again")]
    [InlineData(AuthorityFault.TokenErrorWithStatus200, 400, "It says: bad_verification_code: Not with ***. Begin again")]
    [InlineData(AuthorityFault.TokenErrorPage, 400, "did not take back the code that it gave. A code works once")]
    [InlineData(AuthorityFault.TokenHuge, 502, "did not answer in time")]
    [InlineData(AuthorityFault.ReturnsOtherIssuer, 400, "does not come from Example ID")]
    [InlineData(AuthorityFault.ReturnsErrorOfOtherIssuer, 400, "does not come from Example ID")]
    [InlineData(AuthorityFault.ReturnsNoIssuer, 400, "does not come from Example ID")]
    [InlineData(AuthorityFault.ReturnsNoCode, 400, "holds no code")]
    [InlineData(AuthorityFault.ReturnsTwoCodes, 400, "not the answer to a sign-in that this browser began")]
    [InlineData(AuthorityFault.ReturnsError, 400, "It says: access_denied: The person &lt;b&gt;said&lt;/b&gt; no , state ***.")]
    [InlineData(AuthorityFault.ReturnsOtherState, 400, "not the answer to a sign-in that this browser began")]
    [InlineData(AuthorityFault.ReturnsNoState, 400, "not the answer to a sign-in that this browser began")]
    public async Task SignIn_AuthorityIsWrong_LetsNobodyInAndSaysWhy(AuthorityFault fault, int status, string words)
    {
        stage.Reset();
        Authority.Be("mallory", "mallory@example.com", "portal-admins");
        Authority.Fault = fault;
        using var client = stage.NewClient();

        using var back = await stage.SignInAsync(client);

        var page = await back.Content.ReadAsStringAsync(Token);
        page[(page.IndexOf("<main", StringComparison.Ordinal) + 1)..].ShouldContain(words, customMessage: string.Join('\n', stage.Log.Text.Split('\n').Where(line => line.Contains("ingle", StringComparison.Ordinal)).TakeLast(5)));
        ((int)back.StatusCode).ShouldBe(status);
        back.Headers.Location.ShouldBeNull();
        client.Cookies.Keys.ShouldNotContain("__Host-portal-session");
        (await Stage.IsInAsync(client)).ShouldBeFalse();
        await using var db = await stage.OpenDatabaseAsync();
        (await db.Users.AnyAsync(person => person.Email == "mallory@example.com", Token)).ShouldBeFalse();
        var isRecorded = await db.Activity.AnyAsync(line => line.Action == ActivityAction.SignInRefused && !line.Succeeded && line.From == client.From, Token);
        // What anybody can ask for fills no record.
        isRecorded.ShouldBe(fault is not (AuthorityFault.ReturnsOtherState or AuthorityFault.ReturnsNoState or AuthorityFault.ReturnsTwoCodes));
    }

    [Theory]
    [InlineData(AuthorityFault.DescribesAnother, 400, "does not fit this portal")]
    [InlineData(AuthorityFault.NoKeys, 400, "does not fit this portal")]
    [InlineData(AuthorityFault.DescriptionMissing, 502, "did not answer in time")]
    public async Task Leave_AuthorityDescribesItselfWrongly_SendsNobodyThere(AuthorityFault fault, int status, string words)
    {
        await using var authority = TestAuthority.Start();
        authority.Fault = fault;
        await using var portal = new RunningPortal("Development", authority.Settings(), withSomebody: false);
        await portal.InitializeAsync();
        using var client = portal.NewClient();

        using var left = await client.GetAsync("/sign-in/sso");

        ((int)left.StatusCode).ShouldBe(status);
        (await left.Content.ReadAsStringAsync(Token)).ShouldContain(words);
        // Once it has come to itself, so does the portal.
        authority.Fault = AuthorityFault.None;
        using var again = await client.GetAsync("/sign-in/sso");
        again.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
    }

    [Fact]
    public async Task SignIn_AuthorityIsSilent_IsWaitedForNoLongerThanSet()
    {
        await using var authority = TestAuthority.Start();
        var settings = authority.Settings();
        settings["Portal:SingleSignOn:Timeout"] = "00:00:04";
        await using var portal = new RunningPortal("Development", settings, withSomebody: false);
        await portal.InitializeAsync();
        using var client = portal.NewClient();
        using var left = await client.GetAsync("/sign-in/sso");
        var callback = await stage.AskAsync(left.Headers.Location!);
        authority.Fault = AuthorityFault.TokenSilence;

        using var back = await client.GetAsync(callback);

        back.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        (await back.Content.ReadAsStringAsync(Token)).ShouldContain("did not answer in time");
        (await Stage.IsInAsync(client)).ShouldBeFalse();
    }

    [Fact]
    public async Task Callback_Again_IsNotTakenTwice()
    {
        stage.Reset();
        Authority.Be("twice", "twice@example.com", "everybody");
        using var client = stage.NewClient();
        using var left = await client.GetAsync("/sign-in/sso");
        var ticket = client.Cookies.Single(cookie => cookie.Key.Contains("-sso-", StringComparison.Ordinal));
        var callback = await stage.AskAsync(left.Headers.Location!);
        using (var first = await client.GetAsync(callback)) first.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        var exchanges = Authority.Exchanges;

        // A reload of somebody who is in.
        using (var reload = await client.GetAsync(callback)) reload.Headers.Location!.OriginalString.ShouldBe("/");
        // Another browser, without the ticket and with a stolen one.
        using var stranger = stage.NewClient();
        using (var without = await stranger.GetAsync(callback)) without.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        using (var stolen = await stranger.GetAsync(callback, ("Cookie", $"{ticket.Key}={ticket.Value}"))) stolen.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Stage.IsInAsync(stranger)).ShouldBeFalse();
        Authority.Exchanges.ShouldBe(exchanges);
    }

    [Fact]
    public async Task Callback_AsForm_IsNotTaken()
    {
        stage.Reset();
        Authority.Be("posted", "posted@example.com", "everybody");
        using var client = stage.NewClient();
        using var left = await client.GetAsync("/sign-in/sso");
        var callback = await stage.AskAsync(left.Headers.Location!);
        var exchanges = Authority.Exchanges;
        var fields = HttpUtility.ParseQueryString(callback[callback.IndexOf('?', StringComparison.Ordinal)..]);

        // The handler would read a form, without the rate limit of the route and past the rules about the parameters of the address.
        using var form = new FormUrlEncodedContent(fields.AllKeys.Select(name => KeyValuePair.Create(name!, fields[name]!)));
        using var posted = await client.SendAsync(HttpMethod.Post, "/sign-in/sso/callback", form);

        Authority.Exchanges.ShouldBe(exchanges);
        (await Stage.IsInAsync(client)).ShouldBeFalse();
        using var back = await client.GetAsync(callback);
        back.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
    }

    [Fact]
    public async Task Callback_TooLate_IsNotTaken()
    {
        stage.Reset();
        Authority.Be("late", "late@example.com", "everybody");
        using var client = stage.NewClient();
        using var left = await client.GetAsync("/sign-in/sso");
        var callback = await stage.AskAsync(left.Headers.Location!);
        stage.Clock.Ahead = SingleSignOnScheme.Lifetime;

        using var back = await client.GetAsync(callback);

        (await back.Content.ReadAsStringAsync(Token)).ShouldContain("within the last ten minutes");
        (await Stage.IsInAsync(client)).ShouldBeFalse();
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
    public async Task Person_WhoIsNotWelcome_IsToldWhy()
    {
        stage.Reset();
        await Portal.AddPersonAsync("taken@example.com", Role.Viewer);
        await ShouldBeRefusedAsync("in this portal who came another way", () => Authority.Be("attacker", "taken@example.com", "portal-admins"));
        await ShouldBeRefusedAsync("not in a group", () => Authority.Be("outsider", "outsider@example.com", "something else"));
        await ShouldBeRefusedAsync("has not been verified", () =>
        {
            Authority.Be("unverified", "unverified@example.com", "everybody");
            Authority.Claims["email_verified"] = false;
        });
        await ShouldBeRefusedAsync("does not tell this portal your email address", () =>
        {
            Authority.Be("nameless", "x", "everybody");
            _ = Authority.Claims.Remove("email");
        });

        // One group, not as a list; and the person is disabled afterwards.
        Authority.Be("gone", "gone@example.com");
        Authority.Claims["groups"] = "everybody";
        using var client = stage.NewClient();
        using (var back = await stage.SignInAsync(client)) back.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        await using (var db = await stage.OpenDatabaseAsync())
            _ = await db.Users.Where(person => person.Email == "gone@example.com").ExecuteUpdateAsync(set => set.SetProperty(person => person.DisabledAt, DateTimeOffset.UtcNow), Token);
        await ShouldBeRefusedAsync("an administrator has disabled", () => { });

        async Task ShouldBeRefusedAsync(string words, Action be)
        {
            be();
            using var stranger = stage.NewClient();
            using var refused = await stage.SignInAsync(stranger);
            ((int)refused.StatusCode).ShouldBeOneOf(400, 403);
            var text = await refused.Content.ReadAsStringAsync(Token);
            text.ShouldContain(words);
            (await Stage.IsInAsync(stranger)).ShouldBeFalse();
        }
    }

    [Theory]
    [InlineData("hasgroups")]
    [InlineData("_claim_names")]
    public async Task SignIn_GroupsLeftOutByTheAuthority_IsRefusedEndsNothingAndSaysWhy(string claim)
    {
        stage.Reset();
        Authority.Be($"many-{claim}", $"many-{claim}@example.com", "everybody");
        using var client = stage.NewClient();
        using (var back = await stage.SignInAsync(client)) back.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        _ = Authority.Claims.Remove("groups");
        Authority.Claims[claim] = claim == "hasgroups" ? true : new Dictionary<string, string> { ["groups"] = "src1" };

        using var elsewhere = stage.NewClient();
        using (var refused = await stage.SignInAsync(elsewhere))
            (await refused.Content.ReadAsStringAsync(Token)).ShouldContain("did not send the groups of");

        (await Stage.IsInAsync(client)).ShouldBeTrue();
        await using var db = await stage.OpenDatabaseAsync();
        (await db.Activity.AnyAsync(line => line.Action == ActivityAction.AccessEnded && line.Subject == $"many-{claim}@example.com", Token)).ShouldBeFalse();
        (await db.Activity.SingleAsync(line => line.Action == ActivityAction.SignInRefused && line.Subject == $"many-{claim}@example.com", Token)).Detail.ShouldNotBeNull().ShouldContain("too many");
        stage.Log.Text.ShouldContain("leaves out the claim groups of");
    }

    [Fact]
    public async Task SignIn_KnownUserWithoutAnAddressLosesAllGroups_EndsTheSessions()
    {
        stage.Reset();
        Authority.Be("nameless-known", "nameless-known@example.com", "everybody");
        using var client = stage.NewClient();
        using (var back = await stage.SignInAsync(client)) back.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        _ = Authority.Claims.Remove("email");
        Authority.Claims["groups"] = Array.Empty<string>();

        using var elsewhere = stage.NewClient();
        using (var refused = await stage.SignInAsync(elsewhere)) ((int)refused.StatusCode).ShouldBe(403);

        await using var db = await stage.OpenDatabaseAsync();
        (await db.Activity.AnyAsync(line => line.Action == ActivityAction.AccessEnded && line.Subject == "nameless-known@example.com", Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task Fresh_AskedFor_IsAskedThereAndProved()
    {
        stage.Reset();
        Authority.Be("fresh", "fresh@example.com", "everybody");
        using var client = stage.NewClient();
        using (var back = await stage.SignInAsync(client)) back.StatusCode.ShouldBe(HttpStatusCode.SeeOther);

        using (var again = await stage.SignInAsync(client, "?fresh=true&returnUrl=/me")) again.Headers.Location!.OriginalString.ShouldBe("/me");
        (Authority.LastDeparture["prompt"], Authority.LastDeparture["max_age"]).ShouldBe(("login", "0"));

        Authority.Claims["auth_time"] = DateTimeOffset.UtcNow.AddMinutes(-5).ToUnixTimeSeconds();
        using (var stale = await stage.SignInAsync(client, "?fresh=true")) (await stale.Content.ReadAsStringAsync(Token)).ShouldContain("did not ask you to sign in anew");

        // Somebody else confirms nothing.
        Authority.Be("fresh-other", "fresh-other@example.com", "everybody");
        using (var other = await stage.SignInAsync(client, "?fresh=true")) (await other.Content.ReadAsStringAsync(Token)).ShouldContain("not who is signed in here");
        await using var db = await stage.OpenDatabaseAsync();
        (await db.Users.AnyAsync(person => person.Email == "fresh-other@example.com", Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task Connect_FromInside_LetsTheSamePersonComeBothWays()
    {
        stage.Reset();
        await Portal.AddPersonAsync("both@example.com", Role.Operator);
        using var client = stage.NewClient();
        using (var signedIn = await client.SubmitAsync("/sign-in", "both@example.com", RunningPortal.Password)) signedIn.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        Authority.Be("both", "another-address@example.com", "portal-operators");

        using (var forged = await client.SendAsync(HttpMethod.Post, "/me/single-sign-on/connect", new FormUrlEncodedContent([]))) forged.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        using var page = await client.GetAsync("/me/single-sign-on");
        var token = await TokenOfAsync(page);
        // It adds a way to sign in, so that the open session alone is not enough.
        foreach (var proof in new[] { "", "a wrong password" })
        {
            using var refused = await ConnectAsync(proof);
            refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
            refused.Headers.Contains("Refresh").ShouldBeFalse();
        }

        using var onward = await ConnectAsync(RunningPortal.Password);
        var callback = await stage.AskAsync(new Uri(onward.Headers.GetValues("Refresh").Single()["0; url=".Length..]));
        Authority.LastDeparture["prompt"].ShouldBe("login");

        // Another browser cannot take it.
        using var stranger = stage.NewClient();
        using (var stolen = await stranger.GetAsync(callback)) stolen.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        using (var connected = await client.GetAsync(callback)) connected.Headers.Location!.OriginalString.ShouldBe("/me/single-sign-on");

        using (var came = await stage.SignInAsync(stranger)) came.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        await using var db = await stage.OpenDatabaseAsync();
        var person = await db.Users.SingleAsync(one => one.ExternalSubject == "both", Token);
        (person.Email, person.Role).ShouldBe(("both@example.com", Role.Operator));
        (await db.Activity.Where(line => line.PersonId == person.Id && line.Action == ActivityAction.SingleSignOnConnected).CountAsync(Token)).ShouldBe(1);

        Task<HttpResponseMessage> ConnectAsync(string proof) => client.SendAsync(
            HttpMethod.Post, "/me/single-sign-on/connect", new FormUrlEncodedContent([KeyValuePair.Create("__RequestVerificationToken", token), KeyValuePair.Create("Input.Proof", proof)]));
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
    public async Task LocalSignIn_Off_TakesNoPasswordsAndTheConsoleIsTheWayBackIn()
    {
        var log = new CollectedLog();
        var settings = Authority.Settings();
        settings["Portal:LocalSignIn:Enabled"] = "false";
        await using var portal = new RunningPortal("Development", settings, withSomebody: false, log);
        await portal.InitializeAsync();
        await portal.AddPersonAsync(RunningPortal.Email);
        log.Text.ShouldContain("no administrator has signed in by single sign-on yet");
        var people = portal.Services.GetRequiredService<PeopleService>();
        (await portal.Services.GetRequiredService<AdminPortal.Features.SignIn.FirstAdministrator>().OpenAsync(Token)).ShouldBeNull();

        using var client = portal.NewClient();
        using var page = await client.GetAsync("/sign-in?returnUrl=/jobs");
        var document = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(await page.Content.ReadAsStringAsync(Token));
        document.QuerySelectorAll("main form, main input").ShouldBeEmpty();
        var button = document.QuerySelector("a.single-sign-on").ShouldNotBeNull();
        (button.TextContent, button.GetAttribute("href")).ShouldBe(("Sign in with Example ID", "/sign-in/sso?returnUrl=%2Fjobs"));

        // The form as it was before, with a good token.
        var link = (await portal.Services.GetRequiredService<ConsoleLinks>().MakeAsync(RunningPortal.Email, false, Token)).Value;
        var path = new Uri(link.Url).PathAndQuery;
        using var letIn = await client.GetAsync(path);
        var token = await TokenOfAsync(letIn);
        using (var refused = await client.SendAsync(HttpMethod.Post, "/sign-in", new FormUrlEncodedContent(
            [new("_handler", "sign-in"), new("__RequestVerificationToken", token), new("Input.Email", RunningPortal.Email), new("Input.Password", RunningPortal.Password)])))
            refused.StatusCode.ShouldNotBe(HttpStatusCode.Redirect);
        client.Cookies.Keys.ShouldNotContain("__Host-portal-session");
        (await people.InviteAsync(new PersonInput { Email = "new@example.com" }, Administrator(portal), Token)).Problems.ShouldHaveSingleItem().Message.ShouldContain("Example ID");

        // Looking at the link uses nothing up; its button lets in, once.
        (await Stage.IsInAsync(client)).ShouldBeFalse();
        using (var used = await client.SubmitAsync(path, "", "")) used.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        (await Stage.IsInAsync(client)).ShouldBeTrue();
        using var second = portal.NewClient();
        using var closed = await second.GetAsync(path);
        (await closed.Content.ReadAsStringAsync(Token)).ShouldContain("does not work any more");
    }

    [Fact]
    public async Task LetIn_WhilePasswordsAreTaken_SetsANewOne()
    {
        stage.Reset();
        var link = (await Portal.Services.GetRequiredService<ConsoleLinks>().MakeAsync("lost@example.com", true, Token)).Value;
        using var client = stage.NewClient();

        using (var weak = await client.SubmitAsync(new Uri(link.Url).PathAndQuery, "", "short")) (await weak.Content.ReadAsStringAsync(Token)).ShouldContain("12");
        using (var set = await client.SubmitAsync(new Uri(link.Url).PathAndQuery, "", RunningPortal.Password)) set.StatusCode.ShouldBe(HttpStatusCode.Redirect);

        using (var people = await client.GetAsync("/people")) people.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var later = stage.NewClient();
        using var signedIn = await later.SubmitAsync("/sign-in", "lost@example.com", RunningPortal.Password);
        signedIn.StatusCode.ShouldBe(HttpStatusCode.Redirect);
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
