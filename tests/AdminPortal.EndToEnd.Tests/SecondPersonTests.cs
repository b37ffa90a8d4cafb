using AdminPortal.EndToEnd.Tests.Infrastructure;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AdminPortal.EndToEnd.Tests;

/// <summary>Where nobody sees a token alone: one asks, another one decides, and each look needs an approval of its own.</summary>
public sealed class SecondPersonTests : IAsyncLifetime
{
    private const string Grace = "grace@example.com";
    private const string Masked = "••••••••";

    private readonly Stage _stage = new() { Settings = new Dictionary<string, string> { ["Portal__Reveal__NeedsSecondPerson"] = "true" } };

    public ValueTask InitializeAsync() => _stage.InitializeAsync();

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task Token_WithASecondPerson_IsSeenOnceAfterTheApproval()
    {
        var ada = await _stage.NewPageAsync();
        var wizard = new WizardDriver(ada);
        await ada.GotoAsync("/people");
        var grace = await new PeopleDriver(_stage).JoinAsync(await PeopleDriver.InviteAsync(ada, Grace, "Operator"), Grace);
        await wizard.ConnectAsync("Infusionsoft REST", "Two pairs of eyes");
        await ada.GetByRole(AriaRole.Link, new() { Name = "Open the instance" }).ClickAsync();
        var token = ada.Locator("#token-value");

        // Refused first, and asked again.
        await AskAsync(wizard, "To look why nothing arrives", Axe.CheckAtEveryWidthAsync);
        await Expect(ada.GetByText("Somebody else has to approve your request.")).ToBeVisibleAsync();
        await wizard.Button("Reveal token").ClickAsync();
        await Expect(ada.GetByRole(AriaRole.Dialog).GetByText("You have asked for this token already.")).ToBeVisibleAsync();
        await ada.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Close", Exact = true }).Last.ClickAsync();

        await grace.ReloadAsync();
        await Expect(grace.GetByText("1 request for approval waits for you")).ToBeVisibleAsync();
        await Axe.CheckAtEveryWidthAsync(grace, "a request waits");
        await grace.GetByRole(AriaRole.Link, new() { Name = "Look at the requests" }).ClickAsync();
        await Expect(grace.GetByText("To look why nothing arrives")).ToBeVisibleAsync();
        await Axe.CheckAtEveryWidthAsync(grace, "requests");
        await Decision(grace, "Refuse").ClickAsync();
        await Expect(grace.GetByText("Nobody waits for an approval.")).ToBeVisibleAsync();

        await Expect(ada.GetByText($"Your request was refused by {Grace}.")).ToBeVisibleAsync();
        await AskAsync(wizard, "Ticket 17: Keap says that the token is wrong");
        await Expect(Decision(grace, "Approve")).ToBeVisibleAsync();

        // Nobody approves what is one's own: not even who may do everything.
        var own = await _stage.NewPageAsync();
        await own.GotoAsync("/reveals");
        await Expect(own.GetByText("Your own: somebody else decides")).ToBeVisibleAsync();
        await Expect(Decision(own, "Approve")).ToHaveCountAsync(0);

        await Decision(grace, "Approve").ClickAsync();
        await Expect(grace.GetByText($"{Stage.Email} may see the token of Two pairs of eyes once, within 15 minutes.")).ToBeVisibleAsync();
        await Axe.CheckAsync(grace, "approved");

        // One look, with the password; the next one has to be asked for.
        await Expect(ada.GetByText($"Your request was approved by {Grace}.")).ToBeVisibleAsync();
        await wizard.Button("Reveal token").ClickAsync();
        var dialog = ada.GetByRole(AriaRole.Dialog);
        await Expect(dialog.GetByText("Ticket 17: Keap says that the token is wrong")).ToBeVisibleAsync();
        await Axe.CheckAtEveryWidthAsync(ada, "an approved look");
        await dialog.GetByLabel("Password").FillAsync(Stage.Password);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Reveal", Exact = true }).ClickAsync();
        await Expect(token).Not.ToHaveTextAsync(Masked);
        await wizard.Button("Hide token").ClickAsync();
        await wizard.Button("Reveal token").ClickAsync();
        await Expect(dialog.GetByRole(AriaRole.Button, new() { Name = "Ask for approval" })).ToBeVisibleAsync();

        await ada.GotoAsync("/activity");
        await Expect(ada.GetByText($"Ticket 17: Keap says that the token is wrong (approved by {Grace})")).ToBeVisibleAsync();
    }

    private static ILocator Decision(IPage page, string what) => page.GetByRole(AriaRole.Button, new() { Name = $"{what} the request of {Stage.Email} for Two pairs of eyes" });

    private static async Task AskAsync(WizardDriver wizard, string reason, Func<IPage, string, Task>? look = null)
    {
        await wizard.Button("Reveal token").ClickAsync();
        var dialog = wizard.Page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Reason").FillAsync(reason);
        if (look is not null) await look(wizard.Page, "asking");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Ask for approval" }).ClickAsync();
        await dialog.WaitForAsync(new() { State = WaitForSelectorState.Detached });
    }
}
