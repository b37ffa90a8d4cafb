using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.Users;
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
    public required CompletedSignIn Completed { get; set; }

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
        if (HttpContext is not { } request) return;
        var name = Input.Email.Trim();
        var tried = await Door.TryAsync(name, Input.Password, request, request.RequestAborted);
        if (tried is { State: SignInStepState.Done, User: { } user })
        {
            await Completed.RecordAsync(user, SignInFactor.Password, request);
            Navigation.NavigateTo(LocalPath.OrHome(ReturnUrl));
            return;
        }

        if (tried is { State: SignInStepState.NeedsSecondStep })
        {
            Navigation.NavigateTo(LocalPath.Of("/sign-in/second", ReturnUrl));
            return;
        }

        // One answer for a wrong password, an unknown address and a locked user. An address that is tried too often fills no
        // record: its first attempts are there.
        if (tried is { } refused) await Record.RefusedAsync(name, ClientAddress.Of(request), refused.State == SignInStepState.Locked, CancellationToken.None);
        _problems = [new Problem(ProblemKind.Invalid, tried is null ? L["SignIn.TooOften"] : L["SignIn.Wrong"])];
    }
}
