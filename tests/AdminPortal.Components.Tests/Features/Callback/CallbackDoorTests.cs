using System.Net;
using AdminPortal.Components.Tests.Hosting;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Attempts.Consent;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Provisioning.Providers;
using AdminPortal.Provisioning.Secrets;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Components.Tests.Features.Callback;

/// <summary>Where the callback leads a browser, over HTTP.</summary>
public sealed class CallbackDoorTests(RunningPortal portal) : IClassFixture<RunningPortal>
{
    private readonly string _browser = OneTimeValue.Create();

    [Theory]
    [InlineData("error=access_denied", "Denied")]
    [InlineData("error=server_error&error_description=planted", "Denied")]
    [InlineData("code=a-code", "CodeReceived")]
    public async Task Callback_SignedOut_LeadsToThePageThatSaysWhatItCameTo(string query, string stands)
    {
        var (id, state) = await AddAwaitingAsync();
        using var client = new PortalClient(portal.Address, RunningPortal.Host, new Dictionary<string, string> { ["__Host-portal-browser"] = _browser });

        using var answer = await client.GetAsync($"/oauth/callback?{query}&state={state}");
        answer.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        answer.Headers.Location!.OriginalString.ShouldBe($"/oauth/landing/signed-out?attempt={id}&stands={stands}");
        using var page = await client.GetAsync(answer.Headers.Location.OriginalString);
        page.StatusCode.ShouldBe(HttpStatusCode.OK);

        // Once more it changes nothing, and tells nothing of how the attempt stands.
        using var again = await client.GetAsync($"/oauth/callback?{query}&state={state}");
        again.Headers.Location!.OriginalString.ShouldBe($"/oauth/landing/signed-out?attempt={id}");
    }

    [Theory]
    [InlineData("", "state")]
    [InlineData("scope=full&", "scope%20state")]
    [InlineData("code=one&code=two&", "code%20state")]
    public async Task Callback_KnownStateWithoutACodeThatCanBeUsed_SaysThatTheAnswerIsNotComplete(string query, string came)
    {
        var (id, state) = await AddAwaitingAsync();
        using var client = new PortalClient(portal.Address, RunningPortal.Host, new Dictionary<string, string> { ["__Host-portal-browser"] = _browser });

        using var answer = await client.GetAsync($"/oauth/callback?{query}state={state}");
        answer.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        answer.Headers.Location!.OriginalString.ShouldBe($"/oauth/landing/incomplete?came={came}");
        using var page = await client.GetAsync(answer.Headers.Location.OriginalString);
        var text = await page.Content.ReadAsStringAsync(Token);
        text.ShouldContain("This answer is not complete");
        text.ShouldContain("the attempt still waits");

        (await portal.Services.GetRequiredService<AttemptService>().FindAsync(id, Token)).ShouldNotBeNull().State.ShouldBe(AttemptState.AwaitingConsent);
    }

    private async Task<(Guid Id, string State)> AddAwaitingAsync()
    {
        var services = portal.Services;
        // Names are unique: every test adds its own.
        var account = (await services.GetRequiredService<AccountService>().SaveAsync(
            new AccountInput { Name = $"Staging {Guid.NewGuid()}", BaseUrl = "https://staging.cloud-elements.com", OrganizationSecret = "org-secret-value", UserSecret = "user-secret-value" }, Token)).Value;
        var app = (await services.GetRequiredService<ProviderAppService>().SaveAsync(
            new ProviderAppInput { Name = $"Keap app {Guid.NewGuid()}", ClientId = "client-id", ClientSecret = "client-secret-value" }, Token)).Value;
        var drafts = services.GetRequiredService<DraftService>();
        var id = (await drafts.StartAsync(new ElementChoice { ElementKey = ElementKey.Rest, PlatformAccountId = account }, Actor.Portal, Token)).Value;
        (await drafts.SaveProviderAsync(id, new ProviderChoice { ProviderAppId = app }, Token)).Succeeded.ShouldBeTrue();
        (await drafts.SaveOptionsAsync(id, new InstanceOptions { Name = "API instance", Tags = [] }, Token)).Succeeded.ShouldBeTrue();
        var consents = services.GetRequiredService<ConsentService>();
        _ = await consents.AuthorizeAsync(id, Token);
        (await consents.LeaveAsync(id, OneTimeValue.Hash(_browser), Token)).Url.ShouldNotBeNull();
        return (id, ((FakePlatform)services.GetRequiredService<IElementsPlatform>()).UrlRequests[^1].State);
    }
}
