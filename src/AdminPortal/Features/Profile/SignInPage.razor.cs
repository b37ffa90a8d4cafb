using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Settings;
using AdminPortal.Features.SignIn;
using AdminPortal.Provisioning.Users;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;

namespace AdminPortal.Features.Profile;

/// <summary>With what one signs in: password, authenticator app, recovery codes, passkeys; plain form posts.</summary>
public sealed partial class SignInPage
{
    private const string BeginForm = "begin";
    private const string ConfirmForm = "confirm";
    private const string CodesForm = "codes";
    private const string OffForm = "off";
    private const string PasswordForm = "password";
    private const string RenameForm = "rename-";
    private const string RemoveForm = "remove-";

    private PersonFactors? _factors;
    private ChangeProofKind _kind;
    private IReadOnlyList<Problem> _problems = [];
    private string? _form;
    private string? _done;
    private AuthenticatorSetup? _setup;
    private IReadOnlyList<string>? _codes;

    [Inject]
    public required FactorService Factors { get; set; }

    [Inject]
    public required PersonProof Proof { get; set; }

    [Inject]
    public required SessionRenewal Renewal { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [Inject]
    public required IOptions<PortalOptions> Portal { get; set; }

    [CascadingParameter]
    private HttpContext? HttpContext { get; set; }

    [SupplyParameterFromForm(Name = "Input")]
    private MeInput? Posted { get; set; }

    [SupplyParameterFromQuery(Name = "done")]
    private string? DoneText { get; set; }

    [SupplyParameterFromQuery(Name = "failed")]
    private string? FailedText { get; set; }

    private MeInput Input => Posted ??= new();

    private Actor Actor => HttpContext?.User.Actor() ?? Actor.Nobody;

    private bool HasNone => _factors is { HasAuthenticator: false, Passkeys.Count: 0 };

    // One is asked for. Whoever comes by single sign-on alone is not asked.
    private bool IsMissing => HasNone && HttpContext is { } request && !RequiredFactor.IsMet(Portal.Value, request.User);

    /// <inheritdoc />
    protected override async Task OnInitializedAsync()
    {
        await LoadAsync();
        if (Posted is not null || HttpContext is not { } request) return;
        // The session is from before the person had one, or before one was required.
        if (!HasNone && !RequiredFactor.IsMet(Portal.Value, request.User))
        {
            await Renewal.RenewAsync(Actor);
            Navigation.NavigateTo("/me");
            return;
        }

        // Anybody can write an address: it says nothing but what is here.
        _done = DoneText switch
        {
            "password" => L["Done.Password"].Value,
            "app-off" => L["Done.AppOff"].Value,
            "passkey-confirmed" => L["Done.PasskeyConfirmed"].Value,
            "passkey-added" => L["Done.PasskeyAdded"].Value,
            "passkey-renamed" => L["Done.PasskeyRenamed"].Value,
            "passkey-removed" => L["Done.PasskeyRemoved"].Value,
            _ => null,
        };
        _problems = FailedText switch
        {
            "passkey" => [new Problem(ProblemKind.Invalid, L["Passkeys.Failed"])],
            "passkey-confirm" => [new Problem(ProblemKind.Invalid, L["Passkeys.Confirm.Failed"])],
            _ => [],
        };
    }

    // In groups of four it can be read and typed; apps take it with and without blanks.
    private static string Grouped(string key) => string.Join(' ', key.Chunk(4).Select(part => new string(part)));

    private async Task LoadAsync()
    {
        var actor = Actor;
        _factors = actor.PersonId is { } id ? await Factors.FindAsync(id, CancellationToken.None) : null;
        _kind = await Proof.FindChangeKindAsync(actor, CancellationToken.None);
    }

    private Task SubmitAsync() => Input.Form switch
    {
        BeginForm => BeginAsync(),
        ConfirmForm => ConfirmAsync(),
        CodesForm => MakeCodesAsync(),
        OffForm => SwitchOffAsync(),
        PasswordForm => ChangePasswordAsync(),
        { } form when form.StartsWith(RenameForm, StringComparison.Ordinal) => RenamePasskeyAsync(),
        { } form when form.StartsWith(RemoveForm, StringComparison.Ordinal) => RemovePasskeyAsync(),
        _ => Task.CompletedTask,
    };

    private Task BeginAsync() => RunAsync(BeginForm, async actor =>
    {
        var begun = await Factors.BeginAuthenticatorAsync(actor, CancellationToken.None);
        if (begun.Succeeded) _setup = begun.Value;
        return begun.Problems;
    });

    private Task ConfirmAsync() => RunAsync(ConfirmForm, async actor =>
    {
        var confirmed = await Factors.ConfirmAuthenticatorAsync(Input.Code, actor, CancellationToken.None);
        if (confirmed.Succeeded)
        {
            _codes = confirmed.Value;
            await Renewal.RenewAsync(actor);
        }
        else if (await Factors.ReadPendingAsync(actor, CancellationToken.None) is { Succeeded: true } pending)
        {
            _setup = pending.Value;
        }

        return confirmed.Problems;
    }, isProven: true);

    private Task MakeCodesAsync() => RunAsync(CodesForm, async actor =>
    {
        var made = await Factors.MakeRecoveryCodesAsync(actor, CancellationToken.None);
        if (made.Succeeded) _codes = made.Value;
        return made.Problems;
    });

    private Task SwitchOffAsync() => RunAsync(OffForm, actor => Factors.RemoveAuthenticatorAsync(actor, CancellationToken.None), "app-off");

    private Task RenamePasskeyAsync() =>
        RunAsync(RenameForm + Input.Id, actor => Factors.RenamePasskeyAsync(Input.Id, Input.Name, actor, CancellationToken.None), "passkey-renamed", isProven: true);

    private Task RemovePasskeyAsync() => RunAsync(RemoveForm + Input.Id, actor => Factors.RemovePasskeyAsync(Input.Id, actor, CancellationToken.None), "passkey-removed");

    private Task ChangePasswordAsync() => RunAsync(PasswordForm, async actor =>
    {
        if (string.IsNullOrEmpty(Input.NewPassword)) return new Problem(ProblemKind.Invalid, L["Password.NewRequired"], nameof(MeInput.NewPassword));
        if (Input.NewPassword.Length > Credentials.MaxPasswordLength)
            return new Problem(ProblemKind.Invalid, L["Password.TooLong", Credentials.MaxPasswordLength], nameof(MeInput.NewPassword));
        return await Factors.ChangePasswordAsync(Input.NewPassword, actor, CancellationToken.None);
    }, "password");

    // What shows nothing leads on, so that loading the page again changes nothing again.
    private async Task RunAsync(string form, Func<Actor, Task<Result<Done>>> change, string done, bool isProven = false)
    {
        var succeeded = false;
        await RunAsync(form, async actor =>
        {
            var result = await change(actor);
            succeeded = result.Succeeded;
            if (succeeded) await Renewal.RenewAsync(actor);
            return result.Problems;
        }, isProven);
        if (succeeded) Navigation.NavigateTo($"/me?done={done}");
    }

    private async Task RunAsync(string form, Func<Actor, Task<IReadOnlyList<Problem>>> change, bool isProven = false)
    {
        _form = form;
        var actor = Actor;
        var refusal = isProven ? null
            : form == PasswordForm ? await Proof.CheckPasswordChangeAsync(actor, Input.Proof, Input.Code, CancellationToken.None)
            : await Proof.CheckChangeAsync(actor, Input.Proof, CancellationToken.None);
        _problems = refusal is null ? await change(actor) : [refusal];
        await LoadAsync();
        // What stands in the way of a form that is not there any more is said at the top.
        if (!IsShown(form)) _form = null;
    }

    private bool IsShown(string form) => form switch
    {
        BeginForm => _factors is { HasAuthenticator: false } && _setup is null,
        ConfirmForm => _factors is { HasAuthenticator: false } && _setup is not null,
        CodesForm or OffForm => _factors is { HasAuthenticator: true },
        PasswordForm => true,
        _ => _factors?.Passkeys.Any(passkey => form == RenameForm + passkey.Id || form == RemoveForm + passkey.Id) == true,
    };

    private IReadOnlyList<Problem> ProblemsOf(string? form) => form == _form ? _problems : [];

    private bool HasProblems(string form) => ProblemsOf(form).Count > 0;

    private IEnumerable<string> MessagesOf(string form, string field) => ProblemsOf(form).Where(problem => problem.Field == field).Select(problem => problem.Message);

    private IReadOnlyList<Problem> OthersOf(string form) =>
        [.. ProblemsOf(form).Where(problem => problem.Field is not (nameof(MeInput.Proof) or nameof(MeInput.NewPassword) or nameof(MeInput.Code) or nameof(MeInput.Name)))];
}
