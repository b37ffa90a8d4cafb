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
    public required SignInDoor Door { get; set; }

    [Inject]
    public required SignInManager<PortalUser> SignInManager { get; set; }

    [Inject]
    public required PeopleService People { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [Inject]
    public required AccessRecord Record { get; set; }

    [Inject]
    public required SignInWays Ways { get; set; }

    [CascadingParameter]
    private HttpContext? HttpContext { get; set; }

    [SupplyParameterFromForm(Name = nameof(Input))]
    private Credentials? Posted { get; set; }

    [SupplyParameterFromQuery]
    private string? ReturnUrl { get; set; }

    [SupplyParameterFromQuery]
    private bool Joined { get; set; }

    [SupplyParameterFromQuery]
    private string? Passkey { get; set; }

    private bool LeadsToAttempt => LocalPath.OrHome(ReturnUrl).StartsWith("/connect/", StringComparison.Ordinal);

    private Credentials Input => Posted ??= new();

    /// <inheritdoc />
    protected override async Task OnInitializedAsync()
    {
        if (Posted is null && Passkey == "refused") _problems = [new Problem(ProblemKind.Invalid, L["Passkey.Refused"])];
        // Who was led here because the session has ended still has its cookie, until its next check refuses it. The form
        // would be made out to that person, and be refused itself when it is sent.
        if (Posted is not null || HttpContext?.User is not { Identity.IsAuthenticated: true } signedIn) return;
        var stamp = signedIn.FindFirst(SignInManager.Options.ClaimsIdentity.SecurityStampClaimType)?.Value;
        if (signedIn.PersonId() is { } id && await People.IsCurrentAsync(id, stamp, signedIn.SessionId(), CancellationToken.None)) return;
        await SignInManager.SignOutAsync();
        Navigation.NavigateTo(Navigation.Uri);
    }

    private async Task SubmitAsync()
    {
        var name = Input.Email.Trim();
        var result = await Door.TryAsync(name, Input.Password, HttpContext?.Response, HttpContext?.RequestAborted ?? CancellationToken.None);
        if (result is { Succeeded: true })
        {
            await WriteDownAsync(name);
            Navigation.NavigateTo(LocalPath.OrHome(ReturnUrl));
            return;
        }

        if (result is { RequiresTwoFactor: true })
        {
            Navigation.NavigateTo(LocalPath.Of("/sign-in/second", ReturnUrl));
            return;
        }

        // One answer for a wrong password, for nobody of that name and for somebody who is locked out. A name that is tried
        // too often fills no record: its first tries stand there.
        if (result is not null) await Record.RefusedAsync(name, ClientAddress.Of(HttpContext), result.IsLockedOut, CancellationToken.None);
        _problems = [new Problem(ProblemKind.Invalid, result is null ? L["SignIn.TooOften"] : L["SignIn.Wrong"])];
    }

    // The cookie is on its way already: nobody keeps it who could not be written down.
    private async Task WriteDownAsync(string name)
    {
        try
        {
            var person = await SignInManager.UserManager.FindByNameAsync(name);
            if (person is not null) await People.MarkSignInAsync(person.Id, CancellationToken.None);
            await Record.SignedInAsync(new Actor(person?.Id, person?.UserName ?? name) { From = ClientAddress.Of(HttpContext) }, SignInFactor.Password, CancellationToken.None);
        }
        catch
        {
            await SignInManager.SignOutAsync();
            throw;
        }
    }
}
