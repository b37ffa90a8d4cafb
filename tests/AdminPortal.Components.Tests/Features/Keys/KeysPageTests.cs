using System.Security.Cryptography;
using System.Text;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Keys;
using AdminPortal.Domain.Secrets;
using AdminPortal.Features.Keys;
using AdminPortal.Provisioning.Keys;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;
using Radzen.Blazor;

namespace AdminPortal.Components.Tests.Features.Keys;

public sealed class KeysPageTests : PortalTest
{
    private static Actor Somebody => new(Ada, "ada@example.com") { Role = Role.Administrator, SessionId = AdasSession };

    [Fact]
    public async Task KeysPage_NeverRotated_ShowsRingAndCounts()
    {
        await AddAccountAsync();

        var page = Render<KeysPage>();

        page.WaitForAssertion(() => page.Words().ShouldContain("Organization secret 1 1"));
        page.Words().ShouldContain("The key was never rotated.");
        page.Words().ShouldContain("1 key wrapped by nothing: whoever can read the database can open every secret in it");
        page.Words().ShouldContain("No certificate is configured.");
        page.Buttons("Wrap anew").ShouldBeEmpty();
        page.Buttons("Remove old keys").ShouldBeEmpty();
    }

    [Fact]
    public void Kinds_Each_HasItsWords()
    {
        var words = Get<IStringLocalizer<KeysText>>();

        foreach (var kind in Enum.GetNames<SecretKind>()) words[$"Kind.{kind}"].ResourceNotFound.ShouldBeFalse(kind);
    }

    [Fact]
    public async Task KeysPage_Rotate_AsksWithNumbersAndShowsThatItRuns()
    {
        await ConfirmAdaAsync();
        await AddAccountAsync();
        var dialogs = Render<RadzenDialog>();
        var page = Render<KeysPage>();
        page.WaitForAssertion(() => page.Words().ShouldContain("Organization secret 1"));

        page.Press("Rotate the key");
        dialogs.WaitForAssertion(() => dialogs.Words().ShouldContain("values are opened and sealed with a new key. It takes a few seconds."));
        dialogs.Press("Rotate the key");

        page.WaitForAssertion(() => page.Words().ShouldContain("The key is being rotated The values are being counted."));
        WaitForFocus("#rotation-title");
        await using var db = OpenDatabase();
        (await db.KeyRotations.SingleAsync(Token)).PersonName.ShouldBe("ada@example.com");
    }

    [Fact]
    public async Task KeysPage_ValuesThatDoNotOpen_AreListedWithWhatToDo()
    {
        await AddAccountAsync();
        await using (var db = OpenDatabase())
        {
            var account = await db.Accounts.SingleAsync(Token);
            account.UserSecret = new Sealed("garbage");
            db.QuarantinedSecrets.Add(new QuarantinedSecret
            {
                Id = Guid.CreateVersion7(), RotationId = Guid.CreateVersion7(), Table = "Accounts", Column = "UserSecret", Part = "", Owner = account.Id, Name = account.Name,
                RowKey = $"[\"{account.Id.ToString().ToUpperInvariant()}\"]", Fingerprint = SHA256.HashData(Encoding.UTF8.GetBytes("garbage")), Reason = QuarantineReason.DoesNotOpen,
                FoundAt = Clock.GetUtcNow(),
            });
            await db.SaveChangesAsync(Token);
        }

        var page = Render<KeysPage>();

        page.WaitForAssertion(() => page.Words().ShouldContain("Values that do not open"));
        page.Words().ShouldContain("Enter the account’s secret anew.");
        page.FindAll("a").Select(link => link.GetAttribute("href")).ShouldContain(href => href!.StartsWith("/accounts/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task KeysPage_RemoveOldKeys_AsksForTheWordAndTellsWhatIsInTheWay()
    {
        await ConfirmAdaAsync();
        await AddAccountAsync();
        _ = (await Get<KeyService>().RotateAsync(Somebody, Token)).Value;
        // As if it had ended with a value left: the last proof finds it.
        await using (var db = OpenDatabase())
        {
            var now = Clock.GetUtcNow();
            await db.KeyRotations.ExecuteUpdateAsync(set => set.SetProperty(row => row.State, RotationState.Done).SetProperty(row => row.EndedAt, now), Token);
        }

        var waiting = Render<KeysPage>();
        waiting.WaitForAssertion(() => waiting.Button("Remove old keys").HasAttribute("disabled").ShouldBeTrue());
        waiting.Words().ShouldContain("1 old key can be removed from");
        Clock.Advance(KeyService.KeepOldKeys);
        await ConfirmAdaAsync();
        var dialogs = Render<RadzenDialog>();
        var page = Render<KeysPage>();
        page.WaitForAssertion(() => page.Buttons("Remove old keys").Count.ShouldBe(1));

        page.Press("Remove old keys");
        dialogs.WaitForAssertion(() => dialogs.Words().ShouldContain("has to sign in again"));
        dialogs.Enter("Confirmation", "yes");
        dialogs.Press("Remove old keys");
        dialogs.WaitForAssertion(() => dialogs.Words().ShouldContain("Type “remove”. Nothing was removed."));
        dialogs.Enter("Confirmation", "remove");
        dialogs.Press("Remove old keys");

        page.WaitForAssertion(() => page.Words().ShouldContain("are still sealed with an old key and would be lost ("));
    }
}
