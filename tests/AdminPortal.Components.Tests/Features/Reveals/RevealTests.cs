using AdminPortal.Domain.Access;
using AdminPortal.Domain.Reveals;
using AdminPortal.Domain.Settings;
using AdminPortal.Domain.Users;
using AdminPortal.Features.Instances;
using AdminPortal.Features.Overview;
using AdminPortal.Features.Reveals;
using AdminPortal.Provisioning.Users;
using AdminPortal.Provisioning.Reveals;
using AdminPortal.Ui;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Radzen.Blazor;

namespace AdminPortal.Components.Tests.Features.Reveals;

public sealed class RevealTests : PortalTest
{
    private const string Reason = "A customer's call fails";

    [Fact]
    public async Task TokenCard_Reveal_AsksWhatForAndThePasswordAndTellsWhenItIsGone()
    {
        await ConfirmAdaAsync();
        var id = await AddInstanceAsync();
        JSInterop.Setup<ScriptAnswer?>("portal.fetchToken", _ => true).SetResult(new ScriptAnswer(true, null, null));
        var hidden = JSInterop.SetupVoid("portal.tokenHidden", _ => true);
        var dialogs = Render<RadzenDialog>();
        var card = Render<TokenCard>(c => c.Add(p => p.InstanceId, id));

        card.Press("Reveal token");
        dialogs.WaitForAssertion(() => dialogs.HasField("Password").ShouldBeTrue());
        var field = dialogs.Field("Password");
        (field.GetAttribute("type"), field.GetAttribute("autocomplete"), field.HasAttribute("data-secret"), field.HasAttribute("value")).ShouldBe(("password", "current-password", true, false));
        // Nothing of the circuit's listens to it.
        field.Attributes.ShouldNotContain(attribute => attribute.Name.StartsWith("blazor:on", StringComparison.Ordinal));
        dialogs.Find("form").Submit();

        card.WaitForAssertion(() => card.Role("status").ShouldBe(["The token is shown for 30 seconds."]));
        JSInterop.VerifyInvoke("portal.fetchToken").Arguments.ShouldBe([id, "#reveal", "#token-value"]);
        card.Press("Hide token");
        JSInterop.VerifyInvoke("portal.hideToken");
        await card.InvokeAsync(() => hidden.SetVoidResult());
        card.WaitForAssertion(() => card.Role("status").ShouldBe(["The token is hidden again."]));
        card.Buttons("Reveal token").Count.ShouldBe(1);
        card.Markup.ShouldNotContain(ElementToken);
    }

    [Theory]
    [InlineData("Say what you need it for.", "Reason", "Reason")]
    [InlineData("That is not your password.", PersonProof.Field, "Password")]
    public async Task RevealDialog_Refused_SaysItAtTheField(string message, string field, string label)
    {
        await ConfirmAdaAsync();
        JSInterop.Setup<ScriptAnswer?>("portal.fetchToken", _ => true).SetResult(new ScriptAnswer(false, message, field));
        var dialogs = await OpenAsync();

        dialogs.Find("form").Submit();

        dialogs.WaitForAssertion(() => dialogs.Description(label).ShouldContain(message));
        dialogs.Field(label).GetAttribute("aria-invalid").ShouldBe("true");
    }

    [Theory]
    [InlineData("The stored token does not open.", null, "The stored token does not open.")]
    [InlineData(null, null, "The portal gave no answer")]
    [InlineData(null, "Clipboard", "The browser did not let the token into the clipboard.")]
    public async Task RevealDialog_Failed_SaysWhatToDoAndStays(string? message, string? field, string expected)
    {
        await ConfirmAdaAsync();
        JSInterop.Setup<ScriptAnswer?>("portal.fetchToken", _ => true).SetResult(new ScriptAnswer(false, message, field));
        var dialogs = await OpenAsync();

        dialogs.Find("form").Submit();

        dialogs.WaitForAssertion(() => dialogs.Role("alert").ShouldHaveSingleItem().ShouldContain(expected));
        dialogs.Button("Reveal").HasAttribute("disabled").ShouldBeFalse();
    }

    [Fact]
    public async Task SecondPerson_AsksDecidesAndReveals()
    {
        Services.Configure<PortalOptions>(options => options.Reveal.NeedsSecondPerson = true);
        await ConfirmAdaAsync();
        var id = await AddInstanceAsync();
        var reveals = Get<RevealService>();
        var dialogs = Render<RadzenDialog>();
        var card = Render<TokenCard>(c => c.Add(p => p.InstanceId, id));

        card.Press("Reveal token");
        dialogs.WaitForAssertion(() => dialogs.HasField("Reason").ShouldBeTrue());
        dialogs.HasField("Password").ShouldBeFalse();
        dialogs.Press("Ask for approval");
        dialogs.WaitForAssertion(() => dialogs.Description("Reason").ShouldContain("Say what you need the token for"));
        dialogs.Enter("Reason", Reason);
        dialogs.Find("form").Submit();
        card.WaitForAssertion(() => card.Words().ShouldContain("Somebody else has to approve your request."));

        // One's own is listed without a button, and nothing is said of it on the overview.
        var own = Render<RevealsPage>();
        own.WaitForAssertion(() => own.Words().ShouldContain("Your own: somebody else decides"));
        Render<Home>().Words().ShouldNotContain("wait for you");

        // Somebody else agrees; the card finds out by itself.
        var bob = new Actor(Guid.CreateVersion7(), "bob@example.com") { Role = Role.Operator, SessionId = Guid.CreateVersion7() };
        await using (var db = OpenDatabase())
        {
            var now = Clock.GetUtcNow();
            db.Users.Add(new PortalUser { Id = bob.PersonId!.Value, UserName = bob.Name, Role = Role.Operator, SecurityStamp = "stamp" });
            db.Sessions.Add(new PersonSession { Id = bob.SessionId!.Value, PersonId = bob.PersonId.Value, SecurityStamp = "stamp", OpenedAt = now, SeenAt = now, ConfirmedAt = now });
            await db.SaveChangesAsync(Token);
        }

        (await reveals.DecideAsync((await reveals.ListAsync(bob, Token)).Value[0].Id, true, bob, Token)).Succeeded.ShouldBeTrue();
        await PassTimeUntilAsync(card, () => card.Markup.Contains("Your request was approved by bob@example.com.", StringComparison.Ordinal));

        card.Press("Reveal token");
        dialogs.WaitForAssertion(() => dialogs.HasField("Password").ShouldBeTrue());
        dialogs.HasField("Reason").ShouldBeFalse();
        dialogs.Words().ShouldContain(Reason);
    }

    [Fact]
    public async Task RevealsPage_SomebodyElses_IsApprovedAfterConfirming()
    {
        Services.Configure<PortalOptions>(options => options.Reveal.NeedsSecondPerson = true);
        var id = await AddInstanceAsync();
        await using (var db = OpenDatabase())
        {
            db.RevealRequests.Add(new RevealRequest
            {
                Id = Guid.CreateVersion7(), InstanceId = id, PersonId = Guid.CreateVersion7(), PersonName = "bob@example.com", Reason = Reason,
                AskedAt = Clock.GetUtcNow(), State = RevealRequestState.Waiting, ExpiresAt = Clock.GetUtcNow() + RevealService.RequestLifetime,
            });
            await db.SaveChangesAsync(Token);
        }

        await ConfirmAdaAsync();
        await using (var db = OpenDatabase()) await db.Sessions.ExecuteUpdateAsync(set => set.SetProperty(row => row.ConfirmedAt, Clock.GetUtcNow() - TimeSpan.FromHours(1)), Token);
        var overview = Render<WaitingReveals>();
        overview.WaitForAssertion(() => overview.Words().ShouldContain("1 request for approval waits for you"));
        var dialogs = Render<RadzenDialog>();
        var page = Render<RevealsPage>();
        page.WaitForAssertion(() => page.Words().ShouldContain(Reason));

        // Not confirmed: nothing is decided, and it is said.
        page.Press("Approve the request of bob@example.com for Alpha");
        dialogs.WaitForAssertion(() => dialogs.HasField("Password").ShouldBeTrue());
        dialogs.Press("Cancel");
        page.WaitForAssertion(() => page.Role("alert").ShouldHaveSingleItem().ShouldContain("Seeing tokens asks that you confirm who you are"));

        // The script says that the password was right once the session is confirmed.
        JSInterop.Setup<ScriptAnswer?>("portal.confirm", _ => true).SetResult(new ScriptAnswer(true, null, null));
        page.Press("Approve the request of bob@example.com for Alpha");
        dialogs.WaitForAssertion(() => dialogs.HasField("Password").ShouldBeTrue());
        await using (var db = OpenDatabase()) await db.Sessions.ExecuteUpdateAsync(set => set.SetProperty(row => row.ConfirmedAt, Clock.GetUtcNow()), Token);
        dialogs.Find("form").Submit();

        page.WaitForAssertion(() => page.Role("status").ShouldContain("bob@example.com may see the token of Alpha once, within 15 minutes."));
        await using (var db = OpenDatabase()) (await db.RevealRequests.SingleAsync(Token)).State.ShouldBe(RevealRequestState.Approved);
    }

    private async Task<IRenderedComponent<RadzenDialog>> OpenAsync()
    {
        var id = await AddInstanceAsync();
        var dialogs = Render<RadzenDialog>();
        Render<TokenCard>(c => c.Add(p => p.InstanceId, id)).Press("Reveal token");
        dialogs.WaitForAssertion(() => dialogs.HasField("Password").ShouldBeTrue());
        return dialogs;
    }
}
