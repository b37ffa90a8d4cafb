using Microsoft.Playwright;

namespace AdminPortal.EndToEnd.Tests.Infrastructure;

/// <summary>Invites people and lets them sign in, by the names that a person sees.</summary>
internal sealed class PeopleDriver(Stage stage)
{
    public const string Password = "staple battery horse";

    /// <summary>Makes a one-time link, on the page of people.</summary>
    public static async Task<string> InviteAsync(IPage admin, string email, string role)
    {
        await admin.GetByRole(AriaRole.Textbox, new() { Name = "Email" }).FillAsync(email);
        await admin.GetByLabel("Role", new() { Exact = true }).SelectOptionAsync(role);
        await admin.GetByRole(AriaRole.Button, new() { Name = "Make the link" }).ClickAsync();
        return await admin.GetByLabel($"One-time link for {email}", new() { Exact = true }).InputValueAsync();
    }

    /// <summary>Sets a password with the link and signs in, in a browser of its own.</summary>
    /// <param name="link">The link.</param>
    /// <param name="email">Whom it is for.</param>
    /// <param name="look">Looks at the page that the link leads to.</param>
    public async Task<IPage> JoinAsync(string link, string email, Func<IPage, Task>? look = null)
    {
        var page = await stage.NewPageAsync(signedIn: false);
        await page.GotoAsync(link);
        await page.GetByText($"This link is for {email}.").WaitForAsync();
        if (look is not null) await look(page);
        await page.GetByLabel("Password").FillAsync(Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Set password" }).ClickAsync();
        await page.GetByText("Your password is set.").WaitForAsync();
        await SignInAsync(page, email);
        await page.WaitForURLAsync(stage.Portal.Address.AbsoluteUri);
        return page;
    }

    public static async Task SignInAsync(IPage page, string email)
    {
        await page.GetByLabel("Email").FillAsync(email);
        await page.GetByLabel("Password").FillAsync(Password);
        await page.RunAndWaitForResponseAsync(
            () => page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync(),
            response => response.Request.Method == "POST" && response.Url.Contains("/sign-in", StringComparison.Ordinal));
    }
}
