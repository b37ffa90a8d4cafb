using System.Net;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.Users;
using AdminPortal.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Components.Tests.Hosting;

/// <summary>The second step of signing in, and the page on which it is set up, as a browser meets them.</summary>
public sealed class SecondStepTests(RunningPortal portal) : IClassFixture<RunningPortal>
{
    private FactorService Factors => portal.Services.GetRequiredService<FactorService>();

    [Fact]
    public async Task SignIn_WithAnApp_NeedsACodeAndTakesEachOnce()
    {
        var (ada, app, _) = await AddWithAppAsync();
        using var client = NewClient();
        using (var first = await client.SubmitAsync("/sign-in?returnUrl=%2Finstances%3Fq%3Da", ada.Name!, RunningPortal.Password))
            first.Headers.Location!.OriginalString.ShouldEndWith("/sign-in/second?returnUrl=%2Finstances%3Fq%3Da");
        // The password alone opens nothing.
        (await StatusAsync(client, "/instances")).ShouldBe(HttpStatusCode.Redirect);

        (await StepAsync(client, "000000")).ShouldContain("That code does not work");
        (await StepAsync(client, "")).ShouldContain("Enter the code");
        var code = app.Code(1);
        using (var second = await PostAsync(client, "/sign-in/second?returnUrl=%2Finstances%3Fq%3Da", "second-step", ("Code", $" {code[..3]} {code[3..]}")))
        {
            second.StatusCode.ShouldBe(HttpStatusCode.Redirect);
            second.Headers.Location!.OriginalString.ShouldEndWith("/instances?q=a");
        }

        (await StatusAsync(client, "/instances")).ShouldBe(HttpStatusCode.OK);

        using var thief = NewClient();
        using (var first = await thief.SubmitAsync("/sign-in", ada.Name!, RunningPortal.Password)) first.Headers.Location!.OriginalString.ShouldEndWith("/sign-in/second");
        (await StepAsync(thief, code)).ShouldContain("That code does not work");
        (await StatusAsync(thief, "/instances")).ShouldBe(HttpStatusCode.Redirect);
        (await LinesAsync(ada)).ShouldBe([
            (ActivityAction.AuthenticatorSet, null),
            (ActivityAction.SignInRefused, "The password was right, the code of the second step was not."),
            (ActivityAction.SignedIn, "With the password and a code of the authenticator app"),
            (ActivityAction.SignInRefused, "The password was right, the code of the second step was not.")]);
    }

    [Fact]
    public async Task SignIn_WithARecoveryCode_TakesItOnce()
    {
        var (ada, _, codes) = await AddWithAppAsync();
        for (var round = 0; round < 2; round++)
        {
            using var client = NewClient();
            using (var first = await client.SubmitAsync("/sign-in", ada.Name!, RunningPortal.Password)) first.StatusCode.ShouldBe(HttpStatusCode.Redirect);
            using var second = await PostAsync(client, "/sign-in/second", "second-step", ("Code", codes[0].ToLowerInvariant()));
            second.StatusCode.ShouldBe(round == 0 ? HttpStatusCode.Redirect : HttpStatusCode.OK);
            (await StatusAsync(client, "/instances")).ShouldBe(round == 0 ? HttpStatusCode.OK : HttpStatusCode.Redirect);
        }

        (await LinesAsync(ada)).Select(line => line.Action).ShouldBe([ActivityAction.AuthenticatorSet, ActivityAction.RecoveryCodeUsed, ActivityAction.SignedIn, ActivityAction.SignInRefused]);
    }

    [Fact]
    public async Task SignIn_WrongPasswordOfAPersonWithAnApp_IsAnsweredLikeNobodys()
    {
        var (ada, _, _) = await AddWithAppAsync();
        using var client = NewClient();

        (await TextAsync(await client.SubmitAsync("/sign-in", ada.Name!, "a wrong password"))).ShouldBe(await TextAsync(await client.SubmitAsync("/sign-in", "nobody@example.org", "a wrong password")));
    }

    [Fact]
    public async Task SignIn_FiveWrongCodes_CloseTheNameForTheRightOneToo()
    {
        var (ada, app, codes) = await AddWithAppAsync();
        using var client = NewClient();
        using (var first = await client.SubmitAsync("/sign-in", ada.Name!, RunningPortal.Password)) first.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        for (var tries = 0; tries < 5; tries++) (await StepAsync(client, tries % 2 == 0 ? "000000" : "ABCD-EFGH-JKMN-PQRS")).ShouldContain("That code does not work");

        (await StepAsync(client, app.Code(1))).ShouldContain("That code does not work");
        (await StepAsync(client, codes[0])).ShouldContain("That code does not work");
        (await StatusAsync(client, "/instances")).ShouldBe(HttpStatusCode.Redirect);
        (await LinesAsync(ada))[^1].Action.ShouldBe(ActivityAction.SignInLockedOut);
        (await Factors.FindAsync(ada.PersonId!.Value, Token))!.RecoveryCodesLeft.ShouldBe(10);
    }

    [Fact]
    public async Task SecondStep_WithoutThePassword_LeadsToIt()
    {
        using var client = NewClient();

        using var answer = await client.GetAsync("/sign-in/second?returnUrl=%2Finstances");

        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        answer.Headers.Location!.OriginalString.ShouldEndWith("/sign-in?returnUrl=%2Finstances");
    }

    [Fact]
    public async Task Passkey_ThatIsNone_IsRefusedAndWrittenDown()
    {
        using var client = NewClient();
        foreach (var asks in new[] { false, true })
        {
            using var page = await client.GetAsync("/sign-in?returnUrl=%2Finstances");
            var token = TokenOf(await page.Content.ReadAsStringAsync(Token));
            if (asks)
            {
                using var options = await client.SendAsync(HttpMethod.Post, "/sign-in/passkey/options", new FormUrlEncodedContent([token]));
                options.StatusCode.ShouldBe(HttpStatusCode.OK);
                var text = await options.Content.ReadAsStringAsync(Token);
                text.ShouldContain("\"userVerification\":\"required\"");
                text.ShouldContain($"\"rpId\":\"{RunningPortal.Host}\"");
            }

            foreach (var credential in new[] { "", "nonsense", "{}", """{"id":"AAAA","rawId":"AAAA","type":"public-key","response":{"clientDataJSON":"e30","authenticatorData":"AAAA","signature":"AAAA"},"clientExtensionResults":{}}""" })
            {
                using var answer = await client.SendAsync(
                    HttpMethod.Post, "/sign-in/passkey", new FormUrlEncodedContent([token, KeyValuePair.Create("credential", credential), KeyValuePair.Create("returnUrl", "/instances")]));
                answer.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
                answer.Headers.Location!.OriginalString.ShouldBe("/sign-in?returnUrl=%2Finstances&passkey=refused");
            }
        }

        using var refused = await client.GetAsync("/sign-in?passkey=refused");
        (await TextAsync(refused)).ShouldContain("That passkey is not one of this portal");
        await using var db = OpenDatabase();
        (await db.Activity.CountAsync(line => line.Action == ActivityAction.SignInRefused && line.Subject == "A passkey" && line.From == client.From, Token)).ShouldBe(8);
    }

    [Fact]
    public async Task Passkey_WhileAPasswordWaitsForItsCode_IsRefusedWithoutAnError()
    {
        var (ada, _, _) = await AddWithAppAsync();
        using var client = NewClient();
        using (var first = await client.SubmitAsync("/sign-in", ada.Name!, RunningPortal.Password)) first.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        using var page = await client.GetAsync("/sign-in");

        using var answer = await client.SendAsync(
            HttpMethod.Post, "/sign-in/passkey", new FormUrlEncodedContent([TokenOf(await page.Content.ReadAsStringAsync(Token)), KeyValuePair.Create("credential", "{}")]));

        answer.Headers.Location!.OriginalString.ShouldBe("/sign-in?passkey=refused");
    }

    [Fact]
    public async Task Me_EveryChange_AsksForThePasswordAndKeepsThisSession()
    {
        var ada = await AddAsync();
        using var client = NewClient();
        using var other = NewClient();
        foreach (var one in new[] { client, other })
        {
            using var signedIn = await one.SubmitAsync("/sign-in", ada.Name!, RunningPortal.Password);
            signedIn.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        }

        using (var page = await client.GetAsync("/me"))
        {
            page.Headers.CacheControl!.NoStore.ShouldBeTrue();
            (await page.Content.ReadAsStringAsync(Token)).ShouldNotContain("otpauth");
        }

        (await MeAsync(client, "begin", ("Input.Proof", ""))).ShouldContain("Enter your password");
        (await MeAsync(client, "begin", ("Input.Proof", "a wrong password"))).ShouldContain("That is not your password");
        (await MeAsync(client, "password", ("Input.Proof", "a wrong password"), ("Input.NewPassword", "staple battery horse"))).ShouldContain("That is not your password");
        using var begun = await PostAsync(client, "/me", "begin", ("Input.Proof", RunningPortal.Password));
        begun.Headers.CacheControl!.NoStore.ShouldBeTrue();
        var setUp = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(await begun.Content.ReadAsStringAsync(Token));
        setUp.QuerySelector("svg.qr path").ShouldNotBeNull();
        var app = new AuthenticatorApp(setUp.QuerySelector("#authenticator-key")!.TextContent);
        (await MeAsync(client, "confirm", ("Input.Code", "000000"), begunBy: setUp)).ShouldContain("That is not the code that the app shows now");
        var codes = await MeAsync(client, "confirm", ("Input.Code", app.Code()), begunBy: setUp);
        codes.ShouldContain("Your recovery codes");
        codes.ShouldContain("You have 10 recovery codes left");
        // The same form once more, as by loading the page again.
        (await MeAsync(client, "confirm", ("Input.Code", app.Code()), begunBy: setUp)).ShouldContain("An authenticator app is set up already");
        var proof = app.Code(1);
        var made = await MeAsync(client, "codes", ("Input.Proof", proof));
        made.ShouldContain("Your recovery codes");
        var recovery = System.Text.RegularExpressions.Regex.Matches(made, "[A-Z2-9]{4}(-[A-Z2-9]{4}){3}").Select(match => match.Value).ToList();
        (await MeAsync(client, "codes", ("Input.Proof", proof))).ShouldContain("each works once");
        // The password asks for the present one and a code.
        (await MeAsync(client, "password", ("Input.Proof", app.Code(1)), ("Input.Code", "ABCD-EFGH-JKMN-PQRS"), ("Input.NewPassword", "staple battery horse"))).ShouldContain("That is not your password");
        (await MeAsync(client, "password", ("Input.Proof", RunningPortal.Password), ("Input.Code", recovery[0]), ("Input.NewPassword", "short"))).ShouldContain("12");
        using (var changed = await PostAsync(client, "/me", "password", ("Input.Proof", RunningPortal.Password), ("Input.Code", recovery[1]), ("Input.NewPassword", "staple battery horse")))
            changed.Headers.Location!.OriginalString.ShouldEndWith("/me?done=password");
        using (var off = await PostAsync(client, "/me", "off", ("Input.Proof", recovery[2]))) off.Headers.Location!.OriginalString.ShouldEndWith("/me?done=app-off");

        (await StatusAsync(client, "/me")).ShouldBe(HttpStatusCode.OK);
        await using var db = OpenDatabase();
        var stamp = (await db.Users.AsNoTracking().SingleAsync(person => person.Id == ada.PersonId, Token)).SecurityStamp;
        (await db.Sessions.CountAsync(session => session.PersonId == ada.PersonId && session.EndedAt == null && session.SecurityStamp == stamp, Token)).ShouldBe(1);
        (await LinesAsync(ada)).Select(line => line.Action).Where(action => action is not (ActivityAction.SignedIn or ActivityAction.ProofRefused)).ShouldBe([
            ActivityAction.AuthenticatorSet, ActivityAction.RecoveryCodesMade, ActivityAction.RecoveryCodeUsed, ActivityAction.RecoveryCodeUsed, ActivityAction.PasswordChanged,
            ActivityAction.RecoveryCodeUsed, ActivityAction.AuthenticatorRemoved]);
        (await LinesAsync(ada)).Count(line => line.Action == ActivityAction.ProofRefused).ShouldBe(4);
    }

    [Fact]
    public async Task Required_PersonWithout_DoesNothingButSetOneUp()
    {
        await using var strict = new RunningPortal("Production", new Dictionary<string, string> { ["Portal:SignIn:RequireSecondFactor"] = "true", ["Portal:SessionCheckInterval"] = "00:00:01" });
        await strict.InitializeAsync();
        using var client = strict.NewSignedInClient();
        foreach (var path in new[] { "/", "/instances", "/people", "/connect", "/activity/export", "/nowhere" })
        {
            using var answer = await client.GetAsync(path);
            answer.StatusCode.ShouldBe(HttpStatusCode.SeeOther, path);
            answer.Headers.Location!.OriginalString.ShouldBe("/me");
        }

        using (var circuit = await client.SendAsync(HttpMethod.Post, "/_blazor/negotiate?negotiateVersion=1", null, ("Origin", $"https://{RunningPortal.Host}")))
            circuit.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await StatusAsync(client, "/css/portal.css")).ShouldBe(HttpStatusCode.OK);
        using var begun = await PostAsync(client, "/me", "begin", ("Input.Proof", RunningPortal.Password));
        var setUp = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(await begun.Content.ReadAsStringAsync(Token));
        setUp.Body!.TextContent.ShouldContain("This portal asks everybody for");
        var app = new AuthenticatorApp(setUp.QuerySelector("#authenticator-key")!.TextContent);

        (await MeAsync(client, "confirm", ("Input.Code", app.Code()), begunBy: setUp)).ShouldContain("Your recovery codes");

        (await StatusAsync(client, "/instances")).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(client, "/people")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Required_PersonWithAPasskeyAlone_IsAskedForItAfterThePassword()
    {
        await using var strict = new RunningPortal("Production", new Dictionary<string, string> { ["Portal:SignIn:RequireSecondFactor"] = "true" });
        await strict.InitializeAsync();
        var ada = await FindAsync(strict, RunningPortal.Email);
        (await strict.Services.GetRequiredService<FactorService>().AddPasskeyAsync(
            new UserPasskeyInfo([1], [2], DateTimeOffset.UnixEpoch, 0, null, true, false, false, [3], [4]), "Laptop", ada, Token)).Succeeded.ShouldBeTrue();
        using var client = strict.NewClient();

        using (var first = await client.SubmitAsync("/sign-in", RunningPortal.Email, RunningPortal.Password)) first.Headers.Location!.OriginalString.ShouldEndWith("/sign-in/second");

        using var second = await client.GetAsync("/sign-in/second");
        (await TextAsync(second)).ShouldContain("yours is a passkey");
        (await StatusAsync(client, "/instances")).ShouldBe(HttpStatusCode.Redirect);
    }

    private static async Task<Actor> FindAsync(RunningPortal portal, string email)
    {
        await using var scope = portal.Services.CreateAsyncScope();
        var person = (await scope.ServiceProvider.GetRequiredService<UserManager<PortalUser>>().FindByNameAsync(email)).ShouldNotBeNull();
        return new Actor(person.Id, email) { Role = person.Role };
    }

    // From everywhere: no address runs into its own limit.
    private PortalClient NewClient()
    {
        var client = portal.NewClient();
        client.From = $"198.18.{Random.Shared.Next(256)}.{Random.Shared.Next(256)}";
        return client;
    }

    private async Task<Actor> AddAsync()
    {
        var email = $"{Guid.NewGuid():n}@example.com";
        await portal.AddPersonAsync(email);
        return await FindAsync(portal, email);
    }

    private async Task<(Actor Person, AuthenticatorApp App, IReadOnlyList<string> Codes)> AddWithAppAsync()
    {
        var person = await AddAsync();
        var app = new AuthenticatorApp((await Factors.BeginAuthenticatorAsync(person, Token)).Value.Key);
        return (person, app, (await Factors.ConfirmAuthenticatorAsync(app.Code(), person, Token)).Value);
    }

    private PortalDb OpenDatabase() => portal.Services.GetRequiredService<IDbContextFactory<PortalDb>>().CreateDbContext();

    private async Task<List<(ActivityAction Action, string? Detail)>> LinesAsync(Actor person)
    {
        await using var db = OpenDatabase();
        return [.. (await db.Activity.AsNoTracking().Where(line => line.Subject == person.Name).OrderBy(line => line.Id).ToListAsync(Token)).Select(line => (line.Action, line.Action == ActivityAction.RecoveryCodeUsed ? null : line.Detail))];
    }

    private static async Task<HttpStatusCode> StatusAsync(PortalClient client, string path)
    {
        using var answer = await client.GetAsync(path);
        return answer.StatusCode;
    }

    private static async Task<string> TextAsync(HttpResponseMessage answer)
    {
        var text = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(await answer.Content.ReadAsStringAsync(Token)).QuerySelector("main")!.TextContent;
        return string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    private static async Task<string> StepAsync(PortalClient client, string code)
    {
        using var answer = await PostAsync(client, "/sign-in/second", "second-step", ("Code", code));
        return await TextAsync(answer);
    }

    private static async Task<string> MeAsync(PortalClient client, string form, (string Name, string Value) first, AngleSharp.Dom.IDocument begunBy)
    {
        using var answer = await PostAsync(client, "/me", form, [first], begunBy);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return await TextAsync(answer);
    }

    private static async Task<string> MeAsync(PortalClient client, string form, params (string Name, string Value)[] fields)
    {
        using var answer = await PostAsync(client, "/me", form, fields, null);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return await TextAsync(answer);
    }

    private static Task<HttpResponseMessage> PostAsync(PortalClient client, string path, string form, params (string Name, string Value)[] fields) => PostAsync(client, path, form, fields, null);

    // Sends one of a page's forms, filled in.
    private static async Task<HttpResponseMessage> PostAsync(PortalClient client, string path, string form, (string Name, string Value)[] fields, AngleSharp.Dom.IDocument? shown)
    {
        if (shown is null)
        {
            using var page = await client.GetAsync(path);
            page.StatusCode.ShouldBe(HttpStatusCode.OK);
            shown = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(await page.Content.ReadAsStringAsync(Token));
        }

        var named = shown.QuerySelectorAll("main form").Single(one => one.QuerySelector("input[name='Input.Form']")?.GetAttribute("value") == form || one.QuerySelector("input[name='_handler']")?.GetAttribute("value") == form);
        var hidden = named.QuerySelectorAll("input[type='hidden'][name]").Select(input => KeyValuePair.Create(input.GetAttribute("name")!, input.GetAttribute("value") ?? ""));
        fields.ShouldAllBe(field => named.QuerySelector($"[name='{field.Name}']") != null);
        return await client.SendAsync(HttpMethod.Post, path, new FormUrlEncodedContent(hidden.Concat(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)))));
    }

    private static KeyValuePair<string, string> TokenOf(string page) => KeyValuePair.Create(
        "__RequestVerificationToken",
        new AngleSharp.Html.Parser.HtmlParser().ParseDocument(page).QuerySelector("form[data-passkey] input[name='__RequestVerificationToken']")!.GetAttribute("value")!);
}
