using System.Net;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Provisioning.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Components.Tests.Hosting;

/// <content>Users, roles and the other ways to sign in.</content>
public sealed partial class SingleSignOnTests
{
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
}
