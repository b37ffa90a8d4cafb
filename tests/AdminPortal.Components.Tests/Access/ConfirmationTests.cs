using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.Users;
using AdminPortal.Ui;
using Microsoft.EntityFrameworkCore;
using Radzen.Blazor;

namespace AdminPortal.Components.Tests.Access;

public sealed class ConfirmationTests : PortalTest
{
    private int _calls;

    [Fact]
    public async Task Run_NothingNeeded_AsksNothing()
    {
        var dialogs = Render<RadzenDialog>();

        (await dialogs.InvokeAsync(() => Get<Confirmation>().RunAsync(() => Task.FromResult<Result<Done>>(default(Done))))).Succeeded.ShouldBeTrue();
        (await dialogs.InvokeAsync(() => Get<Confirmation>().RunAsync(() => Task.FromResult<Result<Done>>(new Problem(ProblemKind.NotNow, "No."))))).Succeeded.ShouldBeFalse();

        dialogs.FindAll("form").ShouldBeEmpty();
    }

    [Fact]
    public async Task Run_Wrong_StaysOpenAndSaysSo_Right_DoesItOnceMore()
    {
        await ConfirmAdaAsync();
        var dialogs = Render<RadzenDialog>();
        var script = JSInterop.Setup<ScriptAnswer?>("portal.confirm", _ => true);
        script.SetResult(new ScriptAnswer(false, "That is not your password.", PersonProof.Field));

        var run = dialogs.InvokeAsync(() => Get<Confirmation>().RunAsync(CallAsync));
        dialogs.WaitForAssertion(() => dialogs.HasField("Password").ShouldBeTrue());
        dialogs.Find("form").Submit();
        dialogs.WaitForAssertion(() => dialogs.Description("Password").ShouldContain("That is not your password."));
        script.SetResult(new ScriptAnswer(false, null, null));
        dialogs.Find("form").Submit();
        dialogs.WaitForAssertion(() => dialogs.Role("alert").ShouldHaveSingleItem().ShouldContain("The portal gave no answer"));
        _calls.ShouldBe(1);
        script.SetResult(new ScriptAnswer(true, null, null));
        dialogs.Find("form").Submit();

        (await run).Succeeded.ShouldBeTrue();
        _calls.ShouldBe(2);
        WaitForFocus("#confirmation-secret");
    }

    [Fact]
    public async Task Run_WithAPasskey_AsksForItAndForNoPassword()
    {
        await ConfirmAdaAsync();
        await using (var db = OpenDatabase())
        {
            db.UserPasskeys.Add(new PortalPasskey { UserId = Ada, CredentialId = [1], Data = new() { Name = "Laptop", PublicKey = [1], AttestationObject = [1], ClientDataJson = [1] } });
            await db.SaveChangesAsync(Token);
        }

        var dialogs = Render<RadzenDialog>();
        var script = JSInterop.Setup<ScriptAnswer?>("portal.confirmPasskey");
        script.SetResult(new ScriptAnswer(false, null, null));

        var run = dialogs.InvokeAsync(() => Get<Confirmation>().RunAsync(CallAsync));
        dialogs.WaitForAssertion(() => dialogs.Words().ShouldContain("You have a passkey"));
        dialogs.HasField("Password").ShouldBeFalse();
        dialogs.Find("form").Submit();
        dialogs.WaitForAssertion(() => dialogs.Role("alert").ShouldHaveSingleItem().ShouldContain("The passkey was not confirmed"));
        script.SetResult(new ScriptAnswer(false, null, "Passkeys"));
        dialogs.Find("form").Submit();
        dialogs.WaitForAssertion(() => dialogs.Role("alert").ShouldHaveSingleItem().ShouldContain("This browser offers no passkeys"));
        script.SetResult(new ScriptAnswer(true, null, null));
        dialogs.Find("form").Submit();

        (await run).Succeeded.ShouldBeTrue();
        _calls.ShouldBe(2);
    }

    [Fact]
    public async Task Run_WithoutAPassword_LeadsToTheSignInAndBack()
    {
        await ConfirmAdaAsync();
        await using (var db = OpenDatabase()) await db.Users.ExecuteUpdateAsync(set => set.SetProperty(person => person.PasswordHash, (string?)null), Token);
        GoTo("/people");
        var dialogs = Render<RadzenDialog>();

        var run = dialogs.InvokeAsync(() => Get<Confirmation>().RunAsync(CallAsync));
        dialogs.WaitForAssertion(() => dialogs.Target("Sign in again").ShouldBe("/sign-in?returnUrl=%2Fpeople"));
        dialogs.Press("Cancel");

        (await run).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.ConfirmationNeeded);
        _calls.ShouldBe(1);
    }

    private Task<Result<Done>> CallAsync() => Task.FromResult<Result<Done>>(++_calls == 1 ? new Problem(ProblemKind.ConfirmationNeeded, "Confirm.") : default(Done));
}
