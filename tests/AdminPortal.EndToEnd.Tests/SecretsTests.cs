using System.Text;
using AdminPortal.EndToEnd.Tests.Infrastructure;
using Microsoft.Playwright;
using Shouldly;

namespace AdminPortal.EndToEnd.Tests;

/// <summary>Plants secrets, walks the whole main job, and searches for them everywhere but where they belong.</summary>
public sealed class SecretsTests : IAsyncLifetime
{
    private readonly Stage _stage = new();

    public ValueTask InitializeAsync() => _stage.InitializeAsync();

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task PlantedSecrets_AfterTheWholeMainJob_AreFoundNowhere()
    {
        var browser = await _stage.NewBrowserAsync();
        var page = await browser.NewPageAsync();
        var seen = new List<string>();
        string? code = null;
        string? state = null;
        // Everything the server has sent over the circuits, and every address the browser has asked the portal for.
        var sent = new List<string>();
        page.WebSocket += (_, socket) =>
        {
            socket.FrameReceived += (_, frame) => seen.Add(frame.Text ?? Encoding.UTF8.GetString(frame.Binary ?? []));
            socket.FrameSent += (_, frame) => sent.Add(frame.Text ?? Encoding.UTF8.GetString(frame.Binary ?? []));
        };
        page.Response += (_, response) => seen.Add(string.Join('\n', response.Headers.Where(header => header.Key != "location").Select(header => header.Value)));
        page.Request += (_, request) =>
        {
            var url = new Uri(request.Url);
            if (url.AbsolutePath != "/oauth/callback") return;
            var query = System.Web.HttpUtility.ParseQueryString(url.Query);
            (code, state) = (query["code"], query["state"]);
        };

        var wizard = new WizardDriver(page);
        await wizard.OpenAsync();
        await wizard.ChooseElementAsync("Infusionsoft CRM");
        await wizard.FillProviderAsync("client-secrets");
        await wizard.ContinueToAsync("The Infusionsoft account");
        await wizard.FillAccountAsync();
        await wizard.ContinueToAsync("Name and options");
        await page.GetByLabel("Instance name").FillAsync("Secrets");
        await wizard.ContinueToAsync("Review and authorize");
        seen.Add(await page.ContentAsync());
        await wizard.GoToConsentAsync();
        await wizard.Button("Allow").ClickAsync();
        await wizard.WaitForHeadingAsync("Instance created");
        seen.Add(await page.ContentAsync());
        await page.GetByText("Copy token").ClickAsync();
        await wizard.GiveReasonAsync("Copy");
        await page.GetByText("Copied.").WaitForAsync();
        var token = await page.EvaluateAsync<string>("navigator.clipboard.readText()");
        token.Length.ShouldBeGreaterThan(20);
        seen.Add(await page.ContentAsync());
        foreach (var address in new[] { "/", "/accounts", "/provider-apps", "/instances" })
        {
            await page.GotoAsync(address);
            await page.GetByRole(AriaRole.Heading, new() { Level = 1 }).WaitForAsync();
            await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
            seen.Add(await page.ContentAsync());
        }

        await _stage.Portal.StopAsync();
        await _stage.Portal.StartAsync();
        var files = Directory.EnumerateFiles(_stage.Portal.DataDirectory).ToList();
        files.ShouldContain(_stage.Portal.DatabaseFile);
        var places = seen.Append(_stage.Portal.Output).Concat(files.Select(ReadWhileOpen)).ToList();

        // What a person types into the forms of circuits goes over them; the password and the token never do.
        sent.ShouldContain(frame => frame.Contains("client-secrets", StringComparison.Ordinal));
        sent.ShouldAllBe(frame => !frame.Contains(Stage.Password, StringComparison.Ordinal) && !frame.Contains(token, StringComparison.Ordinal));
        code.ShouldNotBeNullOrEmpty();
        state.ShouldNotBeNullOrEmpty();
        foreach (var secret in new[] { WizardDriver.ClientSecret, WizardDriver.EncryptedKey, Sandbox.OrganizationSecret, Sandbox.UserSecret, code!, state!, token, Stage.Password })
        {
            foreach (var form in new[] { secret, Uri.EscapeDataString(secret), Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)) }.Distinct())
                places.ShouldAllBe(place => !place.Contains(form, StringComparison.Ordinal), $"A secret that begins with {form[..4]} was found.");
        }
    }

    [Fact]
    public async Task Search_ForWhatIsNotSecret_FindsIt()
    {
        // The search itself can find: the same places hold the name and the client ID.
        var wizard = new WizardDriver(await _stage.NewPageAsync());
        await wizard.ConnectAsync("Infusionsoft REST", "Findable by the search");
        Directory.EnumerateFiles(_stage.Portal.DataDirectory).Select(ReadWhileOpen).ShouldContain(text => text.Contains("Findable by the search", StringComparison.Ordinal));
        (await wizard.Page.ContentAsync()).ShouldContain("Findable by the search");
        _stage.Portal.Output.ShouldContain("CodeReceived");
    }

    // Latin-1 keeps every byte, so that text inside a binary file is found.
    private static string ReadWhileOpen(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return reader.ReadToEnd();
    }
}
