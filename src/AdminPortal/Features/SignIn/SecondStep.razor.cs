using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.Users;
using Microsoft.AspNetCore.Components;

namespace AdminPortal.Features.SignIn;

/// <summary>The second step of signing in; a plain form post.</summary>
public sealed partial class SecondStep
{
    // A recovery code with blanks between its letters.
    private const int MaxCodeLength = 40;

    private IReadOnlyList<Problem> _problems = [];
    private PersonFactors? _factors;
    private PortalUser? _person;

    [Inject]
    public required SecondStepDoor Door { get; set; }

    [Inject]
    public required FactorService Factors { get; set; }

    [Inject]
    public required CompletedSignIn Completed { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [Inject]
    public required AccessRecord Record { get; set; }

    [CascadingParameter]
    private HttpContext? HttpContext { get; set; }

    [SupplyParameterFromForm]
    private string? Code { get; set; }

    [SupplyParameterFromQuery]
    private string? ReturnUrl { get; set; }

    /// <inheritdoc />
    protected override async Task OnInitializedAsync()
    {
        _person = HttpContext is { } request ? await Door.FindWaitingAsync(request) : null;
        _factors = _person is null ? null : await Factors.FindAsync(_person.Id, CancellationToken.None);
        // The first step was too long ago, the user was changed since, or there was none.
        if (_factors is null) Navigation.NavigateTo(LocalPath.Of("/sign-in", ReturnUrl));
    }

    private async Task SubmitAsync()
    {
        if (_person is not { } person || HttpContext is not { } request) return;
        if (string.IsNullOrWhiteSpace(Code) || Code.Length > MaxCodeLength)
        {
            _problems = [new Problem(ProblemKind.Invalid, L["Second.Required"])];
            return;
        }

        var name = person.UserName ?? "";
        if (await Door.TryAsync(person, Code, request) is not { } tried)
        {
            _problems = [new Problem(ProblemKind.Invalid, L["SignIn.TooOften"])];
            return;
        }

        if (tried.State == SignInStepState.Done)
        {
            await Completed.RecordAsync(person, tried.Factor, request);
            Navigation.NavigateTo(LocalPath.OrHome(ReturnUrl));
            return;
        }

        await Record.SecondStepRefusedAsync(name, ClientAddress.Of(request), tried.State == SignInStepState.Locked, CancellationToken.None);
        _problems = [new Problem(ProblemKind.Invalid, L["Second.Wrong"])];
    }
}
