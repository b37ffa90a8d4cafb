using System.Net;
using AdminPortal.Components.Tests.Features.Api;
using AdminPortal.Components.Tests.Hosting;
using AdminPortal.Domain.Access;
using AdminPortal.Provisioning.ApiTokens;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Components.Tests.Features.Profile;

/// <summary>The page of API tokens, over plain HTTP as a browser sees it.</summary>
public sealed class TokensPageTests(RunningPortal portal) : IClassFixture<RunningPortal>
{
    private const string Path = "/me/tokens";

    [Fact]
    public async Task Token_Made_IsShownInThatAnswerAlone()
    {
        using var browser = portal.NewSignedInClient();

        using var answer = await SubmitAsync(browser, "make-token", ("Input.Name", "Nightly"), ("Input.Read", "true"), ("Input.Connect", "true"), ("Input.Days", "7"));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
        var page = await ParseAsync(answer);
        var value = page.QuerySelector("#new-token").ShouldNotBeNull(page.QuerySelector("main")!.TextContent).GetAttribute("value")!;
        ApiTokenValue.HasForm(value).ShouldBeTrue();
        (await answer.Content.ReadAsStringAsync(Token)).Split(value).Length.ShouldBe(2);
        (await portal.CallAsync("GET", "/api/v1/accounts", value)).Status.ShouldBe(HttpStatusCode.OK);
        (await portal.CallAsync("POST", $"/api/v1/instances/{Guid.NewGuid()}/validate", value)).Problem.ShouldBe("scope-missing");

        using var later = await browser.GetAsync(Path);
        var list = await later.Content.ReadAsStringAsync(Token);
        list.ShouldNotContain(value);
        list.ShouldContain("Nightly");
        // Nothing of it goes through a circuit.
        list.ShouldNotContain("<!--Blazor:{\"type\":\"server\"");
        await using var db = portal.OpenDatabase();
        var stored = await db.ApiTokens.SingleAsync(token => token.Name == "Nightly", Token);
        stored.Scopes.ShouldBe(["Read", "Connect"]);
        (stored.ExpiresAt - stored.CreatedAt).ShouldBe(TimeSpan.FromDays(7));
    }

    [Fact]
    public async Task Token_Revoked_OpensNothingAndIsMarked()
    {
        using var browser = portal.NewSignedInClient();
        using var made = await SubmitAsync(browser, "make-token", ("Input.Name", "To be revoked"), ("Input.Read", "true"), ("Input.Days", "7"));
        var value = (await ParseAsync(made)).QuerySelector("#new-token")!.GetAttribute("value")!;
        await using var db = portal.OpenDatabase();
        var id = await db.ApiTokens.Where(token => token.Name == "To be revoked").Select(token => token.Id).SingleAsync(Token);

        using var revoked = await SubmitAsync(browser, $"revoke-{id:N}");

        revoked.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        revoked.Headers.Location!.OriginalString.ShouldEndWith("/me/tokens?revoked=true");
        (await portal.CallAsync("GET", "/api/v1/accounts", value)).Status.ShouldBe(HttpStatusCode.Unauthorized);
        using var after = await browser.GetAsync("/me/tokens?revoked=true");
        var page = await ParseAsync(after);
        page.QuerySelector("main [role=status]")!.TextContent.ShouldContain("The token is revoked");
        page.QuerySelectorAll("tbody tr").Single(row => row.TextContent.Contains("To be revoked", StringComparison.Ordinal)).QuerySelector("form").ShouldBeNull();
    }

    [Fact]
    public async Task Token_WrongInput_IsSaidAtItsField()
    {
        using var browser = portal.NewSignedInClient();

        using var answer = await SubmitAsync(browser, "make-token", ("Input.Name", ""), ("Input.Read", "true"), ("Input.Days", "9999"));

        var page = await ParseAsync(answer);
        page.QuerySelector("main [role=alert]")!.TextContent.ShouldContain("The token was not changed");
        page.QuerySelector("#field-Name-error")!.TextContent.ShouldContain("Enter the name of the token.");
        page.QuerySelector("#field-Days-error")!.TextContent.ShouldContain("Enter a number of days from 1 to 365.");
        page.QuerySelector("fieldset .field-error").ShouldBeNull();

        using var unscoped = await SubmitAsync(browser, "make-token", ("Input.Name", "Nightly"), ("Input.Days", "7"));
        (await ParseAsync(unscoped)).QuerySelector("fieldset .field-error")!.TextContent.ShouldContain("Choose at least one thing");
    }

    [Fact]
    public async Task Page_OfAnAdministrator_RevokesOtherPeoplesTokens()
    {
        var (value, person, id) = await portal.NewTokenAsync(Role.Operator);
        using var browser = portal.NewSignedInClient();
        using var answer = await browser.GetAsync(Path);
        var page = await ParseAsync(answer);
        var others = page.QuerySelector("section[aria-labelledby=others-title]").ShouldNotBeNull();
        others.TextContent.ShouldContain(person.Name!);

        using var revoked = await SubmitAsync(browser, $"revoke-{id:N}");

        revoked.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        (await portal.CallAsync("GET", "/api/v1/accounts", value)).Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Page_OfAViewer_OffersReadingAndOwnTokensAlone()
    {
        var (_, _, id) = await portal.NewTokenAsync(Role.Operator);
        var email = $"{Guid.NewGuid():N}@example.com";
        await portal.AddPersonAsync(email);
        await using (var db = portal.OpenDatabase()) await db.Users.Where(row => row.UserName == email).ExecuteUpdateAsync(set => set.SetProperty(row => row.Role, Role.Viewer), Token);
        using var browser = portal.NewClient();
        using (var signedIn = await browser.SubmitAsync("/sign-in", email, RunningPortal.Password)) signedIn.StatusCode.ShouldBe(HttpStatusCode.Redirect);

        using var answer = await browser.GetAsync(Path);
        var page = await ParseAsync(answer);
        page.QuerySelectorAll("main input[type=checkbox]").Select(box => box.GetAttribute("name")).ShouldBe(["Input.Read"]);
        page.QuerySelector("section[aria-labelledby=others-title]").ShouldBeNull();

        using var more = await SubmitAsync(browser, "make-token", ("Input.Name", "More"), ("Input.Connect", "true"), ("Input.Days", "7"));
        (await ParseAsync(more)).QuerySelector("fieldset .field-error")!.TextContent.ShouldContain("Your role does not allow “Make drafts”");
        // Not even by asking for it: there is no such form on this person's page.
        using var foreign = await SubmitAsync(browser, $"revoke-{id:N}");
        foreign.IsSuccessStatusCode.ShouldBeFalse();
        await using var after = portal.OpenDatabase();
        (await after.ApiTokens.SingleAsync(token => token.Id == id, Token)).RevokedAt.ShouldBeNull();
    }

    private static async Task<HttpResponseMessage> SubmitAsync(PortalClient browser, string form, params (string Name, string Value)[] fields)
    {
        using var page = await browser.GetAsync(Path);
        var token = (await ParseAsync(page)).QuerySelector("input[name='__RequestVerificationToken']")!.GetAttribute("value")!;
        return await browser.SendAsync(HttpMethod.Post, Path, new FormUrlEncodedContent(
            [KeyValuePair.Create("__RequestVerificationToken", token), KeyValuePair.Create("_handler", form), .. fields.Select(field => KeyValuePair.Create(field.Name, field.Value))]));
    }

    private static async Task<IDocument> ParseAsync(HttpResponseMessage answer) => new HtmlParser().ParseDocument(await answer.Content.ReadAsStringAsync(Token));
}
