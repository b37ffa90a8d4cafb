using AdminPortal.Provisioning;
using Microsoft.AspNetCore.Components;

namespace AdminPortal.Features.SignIn;

/// <summary>Signing in with email and password; a plain form post.</summary>
public sealed partial class SignIn
{
    private IReadOnlyList<Problem> _problems = [];

    [Inject]
    public required SignInDoor Door { get; set; }

    [CascadingParameter]
    private HttpContext? HttpContext { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

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
        var result = await Door.TryAsync(Input.Email.Trim(), Input.Password, HttpContext?.Response, HttpContext?.RequestAborted ?? CancellationToken.None);
        if (result is { Succeeded: true })
        {
            Navigation.NavigateTo(SafeReturnUrl);
            return;
        }

        // One answer for a wrong password, for nobody of that name and for somebody who is locked out.
        _problems = [new Problem(ProblemKind.Invalid, result is null ? L["SignIn.TooOften"] : L["SignIn.Wrong"])];
    }
}
