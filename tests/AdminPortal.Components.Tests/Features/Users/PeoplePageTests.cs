using AdminPortal.Domain.Access;
using AdminPortal.Domain.Users;
using AdminPortal.Features.Users;
using Microsoft.EntityFrameworkCore;
using Radzen.Blazor;

namespace AdminPortal.Components.Tests.Features.Users;

public sealed class PeoplePageTests : PortalTest
{
    [Fact]
    public async Task PeoplePage_Everybody_IsShownWithRoleStateAndLastSignIn()
    {
        await AddPeopleAsync();
        await using (var db = OpenDatabase())
        {
            foreach (var user in await db.Users.Where(user => user.PasswordHash != null).ToListAsync(Token))
                db.UserPasskeys.Add(new PortalPasskey { UserId = user.Id, CredentialId = user.Id.ToByteArray(), Data = new() { Name = "Laptop", PublicKey = [1], AttestationObject = [1], ClientDataJson = [1] } });
            await db.SaveChangesAsync(Token);
        }

        var page = Render<PeoplePage>();

        var rows = page.FindAll("tbody tr");
        rows.Count.ShouldBe(3);
        rows[0].Words().ShouldContain("ada@example.com (you) The last administrator who can sign in");
        rows[0].QuerySelector("select")!.HasAttribute("disabled").ShouldBeTrue();
        rows[1].Words().ShouldContain("Can sign in 1 passkey never");
        rows[2].Words().ShouldContain("Invited The invitation has run out");
        page.Buttons("Disable ada@example.com").ShouldBeEmpty();
        page.Buttons("Remove ada@example.com").ShouldBeEmpty();
        page.Buttons("New link for bob@example.com").Count.ShouldBe(1);
        page.Buttons("Reset the second factor of bob@example.com").Count.ShouldBe(1);
        // Users change their own under "Your account", with a proof.
        page.Buttons("New link for ada@example.com").ShouldBeEmpty();
        page.Buttons("Reset the second factor of ada@example.com").ShouldBeEmpty();
        page.Words().ShouldContain("Viewer Sees everything but secrets");
    }

    [Fact]
    public async Task PeoplePage_Invite_ShowsTheLinkOnce()
    {
        await AddPeopleAsync();
        var page = Render<PeoplePage>();

        page.Enter("Email", "eve@example.com");
        page.Enter("Role", nameof(Role.Operator));
        page.Press("Make the link");

        page.WaitForAssertion(() => page.Field("One-time link for eve@example.com").GetAttribute("value").ShouldStartWith("https://portal.example.com/join?code="));
        page.Words().ShouldContain("eve@example.com");
        WaitForFocus("#link-title");
        await using (var db = OpenDatabase()) (await db.Users.SingleAsync(person => person.Email == "eve@example.com", Token)).Role.ShouldBe(Role.Operator);

        // Whatever is done next takes it away.
        page.Enter("Email", "eve@example.com");
        page.Press("Make the link");
        page.WaitForAssertion(() => page.Words().ShouldContain("There is somebody with the email eve@example.com already."));
        page.HasField("One-time link for eve@example.com").ShouldBeFalse();
    }

    [Fact]
    public async Task PeoplePage_ChangeDisableRemove_AsksAndDoesIt()
    {
        await AddPeopleAsync();
        var dialogs = Render<RadzenDialog>();
        var page = Render<PeoplePage>();

        page.FindAll("tbody tr")[1].QuerySelector("select")!.Change(nameof(Role.Operator));
        dialogs.WaitForAssertion(() => dialogs.Words().ShouldContain("Make bob@example.com an operator?"));
        dialogs.Press("Cancel");
        page.WaitForAssertion(() => page.FindAll("tbody tr")[1].QuerySelector("select")!.GetAttribute("value").ShouldBe(nameof(Role.Viewer)));

        page.FindAll("tbody tr")[1].QuerySelector("select")!.Change(nameof(Role.Operator));
        dialogs.WaitForAssertion(() => dialogs.Button("Change the role"));
        dialogs.Press("Change the role");
        page.WaitForAssertion(() => page.Role("status").ShouldContain("bob@example.com is an operator now."));

        page.Press("Disable bob@example.com");
        dialogs.WaitForAssertion(() => dialogs.Words().ShouldContain("Open sessions end within a minute"));
        dialogs.Press("Disable");
        page.WaitForAssertion(() => page.Role("status").ShouldContain("bob@example.com is disabled."));
        page.Press("Enable bob@example.com");
        page.WaitForAssertion(() => page.Role("status").ShouldContain("bob@example.com can sign in again."));

        page.Press("End sessions of bob@example.com");
        dialogs.WaitForAssertion(() => dialogs.Words().ShouldContain("Password, second factor, role, known browsers and API tokens stay."));
        dialogs.Press("End sessions");
        page.WaitForAssertion(() => page.Role("status").ShouldContain("All sessions of bob@example.com have ended."));

        page.Press("Remove bob@example.com");
        dialogs.WaitForAssertion(() => dialogs.Button("Remove"));
        dialogs.Press("Remove");
        page.WaitForAssertion(() => page.FindAll("tbody tr").Count.ShouldBe(2));
    }

    [Fact]
    public async Task PeoplePage_ByAnOperator_ShowsNobody()
    {
        await AddPeopleAsync();
        SignInAs(Role.Operator);

        var page = Render<PeoplePage>();

        page.Words().ShouldContain("Managing people needs the role Administrator; your role is Operator.");
        page.FindAll("tbody tr").ShouldBeEmpty();
        page.Words().ShouldNotContain("bob@example.com");
    }

    private async Task AddPeopleAsync()
    {
        await using var db = OpenDatabase();
        db.Users.AddRange(
            Person(Ada, "ada@example.com", Role.Administrator, "hash"),
            Person(Guid.CreateVersion7(), "bob@example.com", Role.Viewer, "hash"),
            Person(Guid.CreateVersion7(), "cy@example.com", Role.Administrator, null));
        await db.SaveChangesAsync(Token);
        await ConfirmAdaAsync();
    }

    private static PortalUser Person(Guid id, string email, Role role, string? hash) =>
        new() { Id = id, UserName = email, NormalizedUserName = email.ToUpperInvariant(), Email = email, Role = role, PasswordHash = hash, SecurityStamp = "stamp" };
}
