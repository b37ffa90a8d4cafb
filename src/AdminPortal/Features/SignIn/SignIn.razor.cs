using AdminPortal.Provisioning;
using AdminPortal.Provisioning.Activity;
using AdminPortal.Provisioning.People;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Identity;

namespace AdminPortal.Features.SignIn;

/// <summary>Signing in with email and password; a plain form post.</summary>
public sealed partial class SignIn
{
    private IReadOnlyList<Problem> _problems = [];

    [Inject]
    public required SignInManager<PortalUser> SignInManager { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [Inject]
    public required AccessRecord Record { get; set; }

    [CascadingParameter]
    private HttpContext? Request { get; set; }

    [SupplyParameterFromForm(Name = nameof(Input))]
    private Credentials? Posted { get; set; }

    [SupplyParameterFromQuery]
    private string? ReturnUrl { get; set; }

    private bool LeadsToAttempt => SafeReturnUrl.StartsWith("/connect/", StringComparison.Ordinal);

    // A path of this portal and nothing else: neither //host nor /\host.
    private string SafeReturnUrl => ReturnUrl is ['/'] or ['/', not ('/' or '\\'), ..] && !ReturnUrl.Any(char.IsControl) ? ReturnUrl : "/";

    private Credentials Input => Posted ??= new();

    private async Task SubmitAsync()
    {
        // The same answer for a wrong password and for nobody of that name.
        var name = Input.Email.Trim();
        var result = await SignInManager.PasswordSignInAsync(name, Input.Password, isPersistent: true, lockoutOnFailure: true);
        if (result.Succeeded)
        {
            await WriteDownAsync(name);
            Navigation.NavigateTo(SafeReturnUrl);
            return;
        }

        await Record.RefusedAsync(name, ClientAddress.Of(Request), result.IsLockedOut, CancellationToken.None);
        _problems = [new Problem(ProblemKind.Invalid, result.IsLockedOut ? L["SignIn.LockedOut"] : L["SignIn.Wrong"])];
    }

    // The cookie is on its way already: nobody keeps it who could not be written down.
    private async Task WriteDownAsync(string name)
    {
        try
        {
            var person = await SignInManager.UserManager.FindByNameAsync(name);
            await Record.SignedInAsync(new Actor(person?.Id, person?.UserName ?? name) { From = ClientAddress.Of(Request) }, CancellationToken.None);
        }
        catch
        {
            await SignInManager.SignOutAsync();
            throw;
        }
    }
}
