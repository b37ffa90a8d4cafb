using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Provisioning.Users;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.JSInterop;
using Radzen;

namespace AdminPortal.Features.Users;

/// <summary>Everybody who can sign in: invite, change role, disable, make a new link, remove.</summary>
public sealed partial class PeoplePage
{
    private IReadOnlyList<PersonLine>? _people;
    private IReadOnlyList<Problem> _problems = [];
    private IReadOnlyList<Problem> _inviteProblems = [];
    private FormValidator<PersonInput>? _validator;
    private PersonInput _input = new();
    private OneTimeLink? _link;
    private Guid? _me;
    private string? _done;
    private bool _busy;
    private int _round;

    [Inject]
    public required PeopleService People { get; set; }

    [Inject]
    public required DialogService Dialogs { get; set; }

    [Inject]
    public required Confirmation Confirmation { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState>? SignedIn { get; set; }

    private string RoleName
    {
        get => _input.Role.ToString();
        set => _input.Role = Enum.TryParse<Role>(value, out var role) ? role : Role.Viewer;
    }

    /// <inheritdoc />
    protected override async Task OnInitializedAsync()
    {
        var actor = await SignedIn.ActorAsync();
        _me = actor.PersonId;
        await LoadAsync(actor);
    }

    private static string Mark(PersonState state) => state switch
    {
        PersonState.Active => "check-circle",
        PersonState.Invited => "clock",
        _ => "pause",
    };

    private static Tone ToneOf(PersonState state) => state switch
    {
        PersonState.Active => Tone.Good,
        PersonState.Invited => Tone.Info,
        _ => Tone.Neutral,
    };

    private async Task LoadAsync(Actor actor)
    {
        var people = await People.ListAsync(actor, CancellationToken.None);
        if (people.Succeeded) _people = people.Value;
        else _problems = people.Problems;
    }

    private async Task InviteAsync()
    {
        if (_busy) return;
        await RunAsync(async actor =>
        {
            var invited = await Confirmation.RunAsync(() => People.InviteAsync(_input, actor, CancellationToken.None));
            _inviteProblems = _validator!.Show(invited.Problems);
            if (!invited.Succeeded) return [];
            _link = invited.Value;
            _input = new();
            return [];
        });
        await FocusLinkAsync();
    }

    private async Task ChangeRoleAsync(PersonLine person, ChangeEventArgs change)
    {
        if (!Enum.TryParse<Role>(change.Value as string, out var role) || role == person.Role) return;
        string name = L[$"A.{role}"];
        string[] sentences = person.Id == _me ? [L["Change.Ends"], L["Change.Self"]] : [L["Change.Ends"]];
        if (await ConfirmDialog.AskAsync(Dialogs, L["Change.Title", person.Email, name], sentences, L["Change.Button"]))
            await ChangeAsync(actor => People.ChangeRoleAsync(person.Id, role, actor, CancellationToken.None), L["Done.Role", person.Email, name]);
        _round++;
    }

    private async Task DisableAsync(PersonLine person)
    {
        if (await ConfirmDialog.AskAsync(Dialogs, L["Disable.Title", person.Email], [L["Disable.Ends"], L["Disable.Back"]], L["Disable"], danger: true))
            await ChangeAsync(actor => People.SetDisabledAsync(person.Id, true, actor, CancellationToken.None), L["Done.Disabled", person.Email]);
    }

    private Task EnableAsync(PersonLine person) =>
        ChangeAsync(actor => People.SetDisabledAsync(person.Id, false, actor, CancellationToken.None), L["Done.Enabled", person.Email]);

    private async Task ResetAsync(PersonLine person)
    {
        if (!await ConfirmDialog.AskAsync(Dialogs, L["Reset.Title", person.Email], [L["Reset.Ends"], L["Reset.Disable"]], L["Reset"])) return;
        await RunAsync(async actor =>
        {
            var reset = await Confirmation.RunAsync(() => People.ResetAsync(person.Id, actor, CancellationToken.None));
            if (reset.Succeeded) _link = reset.Value;
            return reset.Problems;
        });
        await FocusLinkAsync();
    }

    private string FactorsOf(PersonLine person) => (person.HasAuthenticator, person.Passkeys) switch
    {
        (true, 0) => L["Factors.App"],
        (true, 1) => L["Factors.AppAndPasskey"],
        (true, var count) => L["Factors.AppAndPasskeys", count],
        (false, 1) => L["Factors.Passkey"],
        (false, var count) => L["Factors.Passkeys", count],
    };

    private async Task ResetFactorsAsync(PersonLine person)
    {
        string[] sentences = [L["Factors.Reset.Text"], L["Factors.Reset.Ends"]];
        if (await ConfirmDialog.AskAsync(Dialogs, L["Factors.Reset.Title", person.Email], sentences, L["Factors.Reset"], danger: true))
            await ChangeAsync(actor => People.ResetFactorsAsync(person.Id, actor, CancellationToken.None), L["Factors.Reset.Done", person.Email]);
    }

    private async Task EndSessionsAsync(PersonLine person)
    {
        string[] sentences = person.Id == _me ? [L["Sessions.End.Text"], L["Change.Self"]] : [L["Sessions.End.Text"]];
        if (await ConfirmDialog.AskAsync(Dialogs, L["Sessions.End.Title", person.Email], sentences, L["Sessions.End"]))
            await ChangeAsync(actor => People.EndSessionsAsync(person.Id, actor, CancellationToken.None), L["Sessions.End.Done", person.Email]);
    }

    private async Task RemoveAsync(PersonLine person)
    {
        if (await ConfirmDialog.AskAsync(Dialogs, L["Remove.Title", person.Email], [L["Remove.Text"]], L["Remove"], danger: true))
            await ChangeAsync(actor => People.RemoveAsync(person.Id, actor, CancellationToken.None), L["Done.Removed", person.Email]);
    }

    private async Task ChangeAsync<T>(Func<Actor, Task<Result<T>>> change, string done)
    {
        await RunAsync(async actor =>
        {
            var result = await Confirmation.RunAsync(() => change(actor));
            if (result.Succeeded) _done = done;
            return result.Problems;
        });
        // The button that was pressed may be gone with what it did.
        await Js.InvokeVoidAsync("portal.focus", "h1");
    }

    // A link is shown once: whatever is done next takes it away.
    private async Task RunAsync(Func<Actor, Task<IReadOnlyList<Problem>>> run)
    {
        if (_busy) return;
        _busy = true;
        (_done, _link, _problems, _inviteProblems) = (null, null, [], []);
        try
        {
            var actor = await SignedIn.ActorAsync();
            var problems = await run(actor);
            await LoadAsync(actor);
            if (problems.Count > 0) _problems = problems;
        }
        finally
        {
            _busy = false;
        }
    }

    private async Task FocusLinkAsync()
    {
        StateHasChanged();
        if (_link is not null) await Js.InvokeVoidAsync("portal.focus", "#link-title");
        else await FocusInvalidAsync();
    }

    private async Task FocusInvalidAsync() => await Js.InvokeVoidAsync("portal.focusInvalid");
}
