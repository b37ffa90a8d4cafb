using System.Net;
using AdminPortal.Components.Tests.Features.Api;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.Users;
using AdminPortal.Storage;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Components.Tests.Hosting;

/// <summary>How often guesses are evaluated, and what a password alone may change, through the real pipeline.</summary>
public sealed class ProofOfIdentityTests(RunningPortal portal) : IClassFixture<RunningPortal>
{
    private const string Wrong = "a wrong password";
    private const string Cookie = "__Host-portal-known-browser";

    private FactorService Factors => portal.Services.GetRequiredService<FactorService>();

    [Fact]
    public async Task Confirm_28GuessesAtOnce_EvaluatesAtMostFive()
    {
        await using var own = new RunningPortal();
        await own.InitializeAsync();
        using var client = own.NewSignedInClient();
        var token = await AntiforgeryAsync(client);
        var before = own.Hasher.Checks;

        var guesses = Enumerable.Range(0, 28).Select(number => Task.Run(() => ConfirmAsync(client, token, $"{Wrong} {number}")));
        (await Task.WhenAll(guesses)).ShouldAllBe(status => status == HttpStatusCode.BadRequest);

        (own.Hasher.Checks - before).ShouldBe(5);
        (await ConfirmAsync(client, token, RunningPortal.Password)).ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task SignIn_19GuessesAtOnce_EvaluatesAtMostFive()
    {
        await using var own = new RunningPortal();
        await own.InitializeAsync();
        var hash = await HashAsync(own, RunningPortal.Email);
        var before = own.Hasher.ChecksOf(hash);

        await Task.WhenAll(Enumerable.Range(0, 19).Select(number => Task.Run(async () =>
        {
            using var client = own.NewClient();
            client.From = $"198.51.100.{number}";
            using var answer = await client.SubmitAsync("/sign-in", RunningPortal.Email, Wrong);
        })));

        (own.Hasher.ChecksOf(hash) - before).ShouldBe(5);
    }

    [Fact]
    public async Task SignIn_AddressWithAnUmlaut_LocksAfterFiveWrongPasswords()
    {
        var email = $"müller-{Guid.NewGuid():n}@example.com";
        await AddAsync(email);
        for (var tries = 0; tries < 5; tries++) (await SignInAsync(NewClient(), email, Wrong)).ShouldBe(HttpStatusCode.OK);

        (await SignInAsync(NewClient(), email, RunningPortal.Password)).ShouldBe(HttpStatusCode.OK);
        await using var db = OpenDatabase();
        (await db.Activity.CountAsync(line => line.Action == ActivityAction.SignInLockedOut && line.Subject == email, Token)).ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task SignIn_AddressWithAnUmlaut_LocksAfterFiveWrongCodes()
    {
        var email = $"müller-{Guid.NewGuid():n}@example.com";
        var (_, app, codes) = await AddWithAppAsync(email);
        using var client = NewClient();
        (await SignInAsync(client, email, RunningPortal.Password)).ShouldBe(HttpStatusCode.Redirect);
        for (var tries = 0; tries < 5; tries++) (await StepAsync(client, "000000")).ShouldContain("That code does not work");

        (await StepAsync(client, app.Code(1))).ShouldContain("That code does not work");
        (await StepAsync(client, codes[0])).ShouldContain("That code does not work");
        (await SignInAsync(NewClient(), email, RunningPortal.Password)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task SignIn_RightPasswordBetweenWrongCodes_DoesNotAllowFurtherCodes()
    {
        var (_, app, _) = await AddWithAppAsync(NewEmail());
        using var client = NewClient();
        for (var tries = 0; tries < 5; tries++)
        {
            (await SignInAsync(client, app.Email, RunningPortal.Password)).ShouldBe(HttpStatusCode.Redirect);
            (await StepAsync(client, "000000")).ShouldContain("That code does not work");
        }

        (await SignInAsync(client, app.Email, RunningPortal.Password)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task SignIn_FailuresOfStrangers_LeaveOpenSessionsAndKnownBrowsersAlone()
    {
        var email = NewEmail();
        await AddAsync(email);
        using var client = NewClient();
        (await SignInAsync(client, email, RunningPortal.Password)).ShouldBe(HttpStatusCode.Redirect);
        for (var tries = 0; tries < 25; tries++) (await SignInAsync(NewClient(), email, Wrong)).ShouldBeOneOf(HttpStatusCode.OK, HttpStatusCode.TooManyRequests);
        var token = await AntiforgeryAsync(client);

        (await ConfirmAsync(client, token, RunningPortal.Password)).ShouldBe(HttpStatusCode.NoContent);
        (await MeAsync(client, "begin", ("Input.Proof", RunningPortal.Password))).ShouldContain("Scan");
        using (var signedOut = await client.SendAsync(HttpMethod.Post, "/sign-out", new FormUrlEncodedContent([KeyValuePair.Create("__RequestVerificationToken", token)])))
            signedOut.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        (await SignInAsync(client, email, RunningPortal.Password)).ShouldBe(HttpStatusCode.Redirect);
        // Another browser is a stranger's.
        (await SignInAsync(NewClient(), email, RunningPortal.Password)).ShouldNotBe(HttpStatusCode.Redirect);
    }

    [Fact]
    public async Task SignIn_FromAKnownBrowser_IsLimitedToo()
    {
        var email = NewEmail();
        await AddAsync(email);
        using var client = NewClient();
        using (var signedIn = await client.SubmitAsync("/sign-in", email, RunningPortal.Password))
        {
            var cookie = signedIn.Headers.GetValues("Set-Cookie").Single(one => one.StartsWith("__Host-portal-known-browser=", StringComparison.Ordinal));
            foreach (var word in new[] { "path=/", "secure", "httponly", "samesite=lax", "max-age=" }) cookie.ShouldContain(word, Case.Insensitive);
        }

        for (var tries = 0; tries < 5; tries++) (await SignInAsync(client, email, Wrong)).ShouldBe(HttpStatusCode.OK);

        (await SignInAsync(client, email, RunningPortal.Password)).ShouldBe(HttpStatusCode.OK);
        // The failures of this browser lock nobody else's.
        (await SignInAsync(NewClient(), email, RunningPortal.Password)).ShouldBe(HttpStatusCode.Redirect);
    }

    [Fact]
    public async Task Session_OfABrowserWithoutTheCookie_GetsItWithAPage()
    {
        var clock = new TestClock();
        await using var own = new RunningPortal("Production", clock: clock);
        await own.InitializeAsync();
        var cookies = own.NewSignedInClient().Cookies.Where(cookie => cookie.Key != Cookie).ToDictionary();
        using var client = new PortalClient(own.Address, RunningPortal.Host, cookies);
        // A session of the first release; it is checked once in a while.
        clock.Advance(TimeSpan.FromMinutes(10));

        using (var script = await client.GetAsync("/instances", ("Accept", "*/*"))) script.StatusCode.ShouldBe(HttpStatusCode.OK);
        client.Cookies.Keys.ShouldNotContain(Cookie);
        clock.Advance(TimeSpan.FromMinutes(10));
        using (var page = await client.GetAsync("/instances")) page.StatusCode.ShouldBe(HttpStatusCode.OK);

        await using var db = own.Services.GetRequiredService<IDbContextFactory<PortalDb>>().CreateDbContext();
        var user = await db.Users.SingleAsync(Token);
        (await own.Services.GetRequiredService<KnownBrowsers>().FindAsync(user.Id, client.Cookies.GetValueOrDefault(Cookie), Token)).ShouldNotBeNull();
        // It gets no other one.
        var before = client.Cookies[Cookie];
        clock.Advance(TimeSpan.FromMinutes(10));
        using (var page = await client.GetAsync("/instances")) page.StatusCode.ShouldBe(HttpStatusCode.OK);
        client.Cookies[Cookie].ShouldBe(before);
    }

    [Fact]
    public async Task Confirm_OfAUserWithAPasskeyAlone_NeitherThePasswordNorASignInWithItIsEnough()
    {
        var ada = await AddAsync(NewEmail());
        (await Factors.AddPasskeyAsync(new([7, 7], [1], DateTimeOffset.UnixEpoch, 0, null, true, false, false, [1], [1]), "Laptop", ada, Token)).Succeeded.ShouldBeTrue();
        using var client = NewClient();
        (await SignInAsync(client, ada.Name!, RunningPortal.Password)).ShouldBe(HttpStatusCode.Redirect);
        var token = await AntiforgeryAsync(client);

        (await ConfirmAsync(client, token, RunningPortal.Password)).ShouldBe(HttpStatusCode.Conflict);
        await using var db = OpenDatabase();
        (await db.Sessions.SingleAsync(session => session.PersonId == ada.PersonId, Token)).ConfirmedAt.ShouldBe(PersonSession.NotConfirmed);

        using var options = await client.SendAsync(HttpMethod.Post, "/me/passkeys/confirm/options", new FormUrlEncodedContent([]), ("RequestVerificationToken", token));
        options.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var made = await client.SendAsync(
            HttpMethod.Post, "/confirm/passkey", new FormUrlEncodedContent([KeyValuePair.Create("credential", "{}")]), ("RequestVerificationToken", token));
        made.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await made.Content.ReadAsStringAsync(Token)).ShouldContain("The passkey was not confirmed");
    }

    [Fact]
    public async Task Me_WithAnApp_ThePasswordAloneChangesNothing()
    {
        var (_, app, codes) = await AddWithAppAsync(NewEmail());
        using var client = await SignInWithAppAsync(app);
        foreach (var form in new[] { "codes", "off" })
            (await MeAsync(client, form, ("Input.Proof", RunningPortal.Password))).ShouldContain("That code does not work");
        var added = await PasskeyOptionsAsync(client, RunningPortal.Password);
        added.Status.ShouldBe(HttpStatusCode.BadRequest);
        added.Text.ShouldContain("That code does not work");
        (await MeAsync(client, "password", ("Input.Proof", RunningPortal.Password), ("Input.NewPassword", "staple battery horse"))).ShouldContain("Enter a code of your authenticator app");

        (await PasskeyOptionsAsync(client, codes[0])).Status.ShouldBe(HttpStatusCode.OK);
        using (var off = await PostAsync(client, "/me", "off", ("Input.Proof", codes[1]))) off.Headers.Location!.OriginalString.ShouldEndWith("/me?done=app-off");
    }

    [Fact]
    public async Task SecondStep_AfterThePasswordChanged_IsOver()
    {
        var (actor, app, codes) = await AddWithAppAsync(NewEmail());
        using var client = NewClient();
        (await SignInAsync(client, app.Email, RunningPortal.Password)).ShouldBe(HttpStatusCode.Redirect);
        (await Factors.ChangePasswordAsync("staple battery horse", actor, Token)).Succeeded.ShouldBeTrue();

        using var page = await client.GetAsync("/sign-in/second");

        page.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        page.Headers.Location!.OriginalString.ShouldEndWith("/sign-in");
        (await Factors.FindAsync(actor.PersonId!.Value, Token))!.RecoveryCodesLeft.ShouldBe(codes.Count);
    }

    [Fact]
    public async Task Token_WhereASecondFactorIsRequired_Is403UntilThereIsOne()
    {
        await using var strict = new RunningPortal("Production", new Dictionary<string, string> { ["Portal:SignIn:RequireSecondFactor"] = "true" });
        await strict.InitializeAsync();
        var (token, person, _) = await strict.NewTokenAsync(Role.Viewer);

        var refused = await strict.CallAsync("GET", "/api/v1/elements", token);

        (refused.Status, refused.Problem).ShouldBe((HttpStatusCode.Forbidden, "second-factor-missing"));
        refused.Json["detail"]!.GetValue<string>().ShouldContain("Set up");
        var factors = strict.Services.GetRequiredService<FactorService>();
        var key = (await factors.BeginAuthenticatorAsync(person, Token)).Value.Key;
        (await factors.ConfirmAuthenticatorAsync(new AuthenticatorApp(key).Code(), person, Token)).Succeeded.ShouldBeTrue();
        (await strict.CallAsync("GET", "/api/v1/elements", token)).Status.ShouldBe(HttpStatusCode.OK);
    }

    private static string NewEmail() => $"{Guid.NewGuid():n}@example.com";

    private static async Task<string?> HashAsync(RunningPortal portal, string email)
    {
        await using var db = portal.Services.GetRequiredService<IDbContextFactory<PortalDb>>().CreateDbContext();
        return await db.Users.Where(person => person.Email == email).Select(person => person.PasswordHash).SingleAsync(Token);
    }

    private static async Task<HttpStatusCode> SignInAsync(PortalClient client, string email, string password)
    {
        using var answer = await client.SubmitAsync("/sign-in", email, password);
        return answer.StatusCode;
    }

    private static async Task<string> AntiforgeryAsync(PortalClient client)
    {
        using var page = await client.GetAsync("/instances");
        return Parse(await page.Content.ReadAsStringAsync(Token)).QuerySelector("#sign-out input[name='__RequestVerificationToken']").ShouldNotBeNull().GetAttribute("value")!;
    }

    private static async Task<HttpStatusCode> ConfirmAsync(PortalClient client, string token, string secret)
    {
        using var answer = await client.SendAsync(HttpMethod.Post, "/confirm", new FormUrlEncodedContent([KeyValuePair.Create("Secret", secret)]), ("RequestVerificationToken", token));
        return answer.StatusCode;
    }

    private static async Task<(HttpStatusCode Status, string Text)> PasskeyOptionsAsync(PortalClient client, string proof)
    {
        using var page = await client.GetAsync("/me");
        var token = Parse(await page.Content.ReadAsStringAsync(Token)).QuerySelector("form[data-passkey] input[name='__RequestVerificationToken']")!.GetAttribute("value")!;
        using var answer = await client.SendAsync(HttpMethod.Post, "/me/passkeys/options", new FormUrlEncodedContent([
            KeyValuePair.Create("__RequestVerificationToken", token), KeyValuePair.Create("Input.Name", "Laptop"), KeyValuePair.Create("Input.Proof", proof)]));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Token));
    }

    private static async Task<string> StepAsync(PortalClient client, string code)
    {
        using var answer = await PostAsync(client, "/sign-in/second", "second-step", ("Code", code));
        return Text(Parse(await answer.Content.ReadAsStringAsync(Token)));
    }

    private static async Task<string> MeAsync(PortalClient client, string form, params (string Name, string Value)[] fields)
    {
        using var answer = await PostAsync(client, "/me", form, fields);
        return Text(Parse(await answer.Content.ReadAsStringAsync(Token)));
    }

    // Sends one of a page's forms, filled in.
    private static async Task<HttpResponseMessage> PostAsync(PortalClient client, string path, string form, params (string Name, string Value)[] fields)
    {
        using var page = await client.GetAsync(path);
        page.StatusCode.ShouldBe(HttpStatusCode.OK);
        var named = Parse(await page.Content.ReadAsStringAsync(Token)).QuerySelectorAll("main form").Single(one =>
            one.QuerySelector("input[name='Input.Form']")?.GetAttribute("value") == form || one.QuerySelector("input[name='_handler']")?.GetAttribute("value") == form);
        var hidden = named.QuerySelectorAll("input[type='hidden'][name]").Select(input => KeyValuePair.Create(input.GetAttribute("name")!, input.GetAttribute("value") ?? ""));
        return await client.SendAsync(HttpMethod.Post, path, new FormUrlEncodedContent(hidden.Concat(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)))));
    }

    private static IDocument Parse(string html) => new HtmlParser().ParseDocument(html);

    private static string Text(IDocument page) => string.Join(' ', page.QuerySelector("main")!.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    // Each from its own address, so that none runs into the limit of an address.
    private PortalClient NewClient()
    {
        var client = portal.NewClient();
        client.From = $"198.18.{Random.Shared.Next(256)}.{Random.Shared.Next(256)}";
        return client;
    }

    private async Task<PortalClient> SignInWithAppAsync(App app)
    {
        var client = NewClient();
        (await SignInAsync(client, app.Email, RunningPortal.Password)).ShouldBe(HttpStatusCode.Redirect);
        using var second = await PostAsync(client, "/sign-in/second", "second-step", ("Code", app.Code(1)));
        second.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        return client;
    }

    private async Task<Actor> AddAsync(string email)
    {
        await using var scope = portal.Services.CreateAsyncScope();
        var hasher = scope.ServiceProvider.GetRequiredService<IPasswordHasher<PortalUser>>();
        var person = new PortalUser
        {
            Id = Guid.CreateVersion7(),
            UserName = email,
            NormalizedUserName = email.ToUpperInvariant(),
            Email = email,
            NormalizedEmail = email.ToUpperInvariant(),
            SecurityStamp = Guid.NewGuid().ToString("N"),
            Role = Role.Administrator,
        };
        person.PasswordHash = hasher.HashPassword(person, RunningPortal.Password);
        await using var db = OpenDatabase();
        db.Users.Add(person);
        await db.SaveChangesAsync(Token);
        return new Actor(person.Id, email) { Role = person.Role };
    }

    private async Task<(Actor Person, App App, IReadOnlyList<string> Codes)> AddWithAppAsync(string email)
    {
        var person = await AddAsync(email);
        var app = new App(email, new AuthenticatorApp((await Factors.BeginAuthenticatorAsync(person, Token)).Value.Key));
        return (person, app, (await Factors.ConfirmAuthenticatorAsync(app.Code(), person, Token)).Value);
    }

    private PortalDb OpenDatabase() => portal.Services.GetRequiredService<IDbContextFactory<PortalDb>>().CreateDbContext();

    private sealed record App(string Email, AuthenticatorApp Codes)
    {
        public string Code(int steps = 0) => Codes.Code(steps);
    }
}
