using AdminPortal.EndToEnd.Tests.Infrastructure;
using Microsoft.Playwright;
using Shouldly;
using static Microsoft.Playwright.Assertions;

namespace AdminPortal.EndToEnd.Tests;

/// <summary>A person sets up an authenticator app and a passkey, comes in with each, loses both and is let in again.</summary>
[Collection(SecondStage.Name)]
public sealed class SecondFactorTests(Stage stage)
{
    private const string Email = "finn@example.com";
    private const string Password = "staple battery horse";

    // Passkeys are for names: an address of numbers has none.
    private Uri Portal => new UriBuilder(stage.Portal.Address) { Host = "localhost" }.Uri;

    [Fact]
    public async Task SecondFactor_SetUpUsedAndReset_LetsInWhoHasIt()
    {
        var admin = await stage.NewPageAsync();
        var page = await JoinAsync(admin);

        // The app.
        await page.GotoAsync(At("/me"));
        await Axe.CheckAtEveryWidthAsync(page, "nothing set up");
        await Region(page, "Authenticator app").GetByLabel("Your password").FillAsync(Password);
        await Button(page, "Set up the app").ClickAsync();
        var key = await page.Locator("#authenticator-key").InnerTextAsync();
        var app = new AuthenticatorApp(key);
        await Axe.CheckAtEveryWidthAsync(page, "the app's key");
        await page.GetByLabel("Code", new() { Exact = true }).FillAsync("000000");
        await Button(page, "Switch it on").ClickAsync();
        await Expect(page.GetByText("That is not the code that the app shows now")).ToBeVisibleAsync();
        await page.GetByLabel("Code", new() { Exact = true }).FillAsync(app.Code());
        await Button(page, "Switch it on").ClickAsync();
        await Expect(Region(page, "Your recovery codes").GetByRole(AriaRole.Listitem)).ToHaveCountAsync(10);
        var codes = await page.Locator(".recovery-codes code").AllInnerTextsAsync();
        await Axe.CheckAtEveryWidthAsync(page, "recovery codes");
        await Button(page, "Copy all").ClickAsync();
        await Expect(page.GetByText("Copied", new() { Exact = true })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "I have kept them" }).ClickAsync();
        await Expect(page.GetByText("You have 10 recovery codes left.")).ToBeVisibleAsync();

        // In with the password and a code of the app, or a recovery code, once.
        await SignOutAsync(page);
        await EnterPasswordAsync(page);
        await Axe.CheckAtEveryWidthAsync(page, "second step");
        await EnterCodeAsync(page, "000000");
        await Expect(page.GetByText("That code does not work")).ToBeVisibleAsync();
        await EnterCodeAsync(page, app.Code(1));
        await page.WaitForURLAsync(At("/"));
        await SignOutAsync(page);
        await EnterPasswordAsync(page);
        await EnterCodeAsync(page, codes[0]);
        await page.WaitForURLAsync(At("/"));
        await SignOutAsync(page);
        await EnterPasswordAsync(page);
        await EnterCodeAsync(page, codes[0]);
        await Expect(page.GetByText("That code does not work")).ToBeVisibleAsync();
        await EnterCodeAsync(page, codes[1]);
        await page.WaitForURLAsync(At("/"));

        // The passkey.
        var devices = await page.Context.NewCDPSessionAsync(page);
        await devices.SendAsync("WebAuthn.enable");
        await devices.SendAsync("WebAuthn.addVirtualAuthenticator", new()
        {
            ["options"] = new Dictionary<string, object>
            {
                ["protocol"] = "ctap2", ["transport"] = "internal", ["hasResidentKey"] = true, ["hasUserVerification"] = true, ["isUserVerified"] = true, ["automaticPresenceSimulation"] = true,
            },
        });
        await page.GotoAsync(At("/me"));
        await Region(page, "Passkeys").GetByLabel("Name", new() { Exact = true }).FillAsync("Laptop");
        // With the app, the password alone changes nothing.
        await Region(page, "Passkeys").GetByLabel("Code", new() { Exact = true }).FillAsync(Password);
        await Button(page, "Add the passkey").ClickAsync();
        await Expect(Region(page, "Passkeys").GetByText("That code does not work")).ToBeVisibleAsync();
        await Region(page, "Passkeys").GetByLabel("Code", new() { Exact = true }).FillAsync(codes[2]);
        await Button(page, "Add the passkey").ClickAsync();
        await Expect(page.GetByText("The passkey was added.")).ToBeVisibleAsync();
        await SignOutAsync(page);
        await Axe.CheckAtEveryWidthAsync(page, "sign-in with a passkey");
        await Button(page, "Sign in with a passkey").ClickAsync();
        await page.WaitForURLAsync(At("/"));
        await page.GotoAsync(At("/me"));
        await Expect(Region(page, "Passkeys").GetByText("Last used just now")).ToBeVisibleAsync();
        await page.Locator("summary", new() { HasText = "Rename" }).ClickAsync();
        await Region(page, "Passkeys").GetByRole(AriaRole.Listitem).GetByLabel("Name", new() { Exact = true }).FillAsync("Old laptop");
        await Button(page, "Save the name").ClickAsync();
        await Expect(Region(page, "Passkeys").GetByText("Old laptop", new() { Exact = true })).ToBeVisibleAsync();
        foreach (var summary in await page.Locator("summary").AllAsync()) await summary.ClickAsync();
        await Axe.CheckAtEveryWidthAsync(page, "everything set up");

        // Signed in with the password, the passkey stands in for a code.
        await SignOutAsync(page);
        await EnterPasswordAsync(page);
        await EnterCodeAsync(page, codes[3]);
        await page.WaitForURLAsync(At("/"));
        await page.GotoAsync(At("/me"));
        await Axe.CheckAtEveryWidthAsync(page, "confirm with a passkey");
        await Button(page, "Confirm with a passkey").ClickAsync();
        await Expect(page.GetByText("You confirmed with your passkey.")).ToBeVisibleAsync();
        await page.Locator("summary", new() { HasText = "Make new recovery codes" }).ClickAsync();
        await Button(page, "Make new codes").ClickAsync();
        await Expect(Region(page, "Your recovery codes").GetByRole(AriaRole.Listitem)).ToHaveCountAsync(10);

        // Both lost: an administrator takes them away, and the password does again.
        await admin.GotoAsync("/people");
        var row = admin.GetByRole(AriaRole.Row).Filter(new() { HasText = Email });
        await Expect(row.GetByText("App, 1 passkey")).ToBeVisibleAsync();
        await Button(admin, $"Reset the second factor of {Email}").ClickAsync();
        await admin.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Reset second factor" }).ClickAsync();
        await Expect(row.GetByText("none")).ToBeVisibleAsync();
        await page.Context.ClearCookiesAsync();
        await page.GotoAsync(At("/sign-in"));
        await Button(page, "Sign in with a passkey").ClickAsync();
        await Expect(page.GetByText("That passkey is not one of this portal")).ToBeVisibleAsync();
        await EnterPasswordAsync(page);
        await page.WaitForURLAsync(At("/"));

        foreach (var secret in codes.Append(key).Append(key.Replace(" ", "", StringComparison.Ordinal)).Append(Password)) stage.Portal.Output.ShouldNotContain(secret);
    }

    private static ILocator Region(IPage page, string heading) => page.GetByRole(AriaRole.Region, new() { Name = heading });

    private static ILocator Button(IPage page, string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    private string At(string path) => new Uri(Portal, path).AbsoluteUri;

    private async Task<IPage> JoinAsync(IPage admin)
    {
        await admin.GotoAsync("/people");
        await admin.GetByRole(AriaRole.Textbox, new() { Name = "Email" }).FillAsync(Email);
        await Button(admin, "Make the link").ClickAsync();
        var link = await admin.GetByLabel($"One-time link for {Email}", new() { Exact = true }).InputValueAsync();
        var page = await stage.NewPageAsync(signedIn: false);
        await page.GotoAsync(At(new Uri(link).PathAndQuery));
        await page.GetByLabel("Password").FillAsync(Password);
        await Button(page, "Set password").ClickAsync();
        await page.GetByText("Your password is set.").WaitForAsync();
        await EnterPasswordAsync(page);
        await page.WaitForURLAsync(At("/"));
        return page;
    }

    private static async Task EnterPasswordAsync(IPage page)
    {
        await page.GetByLabel("Email").FillAsync(Email);
        await page.GetByLabel("Password").FillAsync(Password);
        await Button(page, "Sign in").ClickAsync();
    }

    private static async Task EnterCodeAsync(IPage page, string code)
    {
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "One more step" })).ToBeVisibleAsync();
        await page.GetByLabel("Code", new() { Exact = true }).FillAsync(code);
        await page.RunAndWaitForResponseAsync(() => Button(page, "Sign in").ClickAsync(), response => response.Request.Method == "POST");
    }

    private static async Task SignOutAsync(IPage page)
    {
        await Button(page, "Sign out").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
    }
}
