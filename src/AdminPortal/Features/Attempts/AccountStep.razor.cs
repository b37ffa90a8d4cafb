using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Provisioning.Elements;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.JSInterop;

namespace AdminPortal.Features.Attempts;

/// <summary>The third step: the element's own configuration fields, whichever those are.</summary>
public sealed partial class AccountStep : IDisposable
{
    private readonly List<Entry> _entries = [];
    private EditContext? _context;
    private ValidationMessageStore? _messages;
    private IReadOnlyList<Problem> _problems = [];
    private bool _busy;
    private Keeping? _keeping;

    [Inject]
    public required FieldCheck Fields { get; set; }

    [Inject]
    public required DraftService Drafts { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState>? SignedIn { get; set; }

    [Parameter, EditorRequired]
    public required AttemptView Attempt { get; set; }

    private string? FirstMissing =>
        _entries.FirstOrDefault(entry => IsRequired(entry.Field) && string.IsNullOrWhiteSpace(entry.Value) && !Attempt.StoredSecrets.Contains(entry.Field.Key)) is { } missing
            ? L["Missing.Field", Fields.Label(missing.Field)].Value
            : null;

    /// <inheritdoc />
    public void Dispose()
    {
        if (_context is not null) _context.OnFieldChanged -= FieldChanged;
    }

    /// <inheritdoc />
    protected override void OnInitialized()
    {
        foreach (var field in Attempt.Element!.Fields)
        {
            var entry = new Entry(field) { Value = field.Secret ? "" : Attempt.Configuration.GetValueOrDefault(field.Key, "") };
            if (entry.Value.Length > 0) Look(entry);
            _entries.Add(entry);
        }

        _context = new EditContext(_entries);
        _messages = new ValidationMessageStore(_context);
        _context.OnFieldChanged += FieldChanged;
        _keeping = new Keeping(() => KeepAsync(withSecrets: false));
    }

    private void FieldChanged(object? sender, FieldChangedEventArgs change)
    {
        if (change.FieldIdentifier.Model is not Entry entry) return;
        _messages!.Clear(change.FieldIdentifier);
        if (Look(entry) is { } problem && !(entry.Field.Secret && entry.Value.Length == 0)) _messages.Add(change.FieldIdentifier, problem.Message);
        _context!.NotifyValidationStateChanged();

        // What was typed survives a reload and a restart, but for secrets, which are stored with "Continue".
        if (!entry.Field.Secret) _ = InvokeAsync(_keeping!.KeepAsync);
    }

    private async Task KeepAsync(bool withSecrets) => await Drafts.KeepAccountAsync(Attempt.Id, Details(withSecrets), await SignedIn.ActorAsync(), CancellationToken.None);

    private FieldProblem? Look(Entry entry)
    {
        Fields.TryRead(entry.Field, entry.Value, out var value, out var problem);
        entry.Suggestion = problem?.Suggestion;
        entry.Understood = problem is null && entry.Field.Format == FieldFormat.AccountServer ? value : null;
        return problem;
    }

    private void TakeSuggestion(Entry entry)
    {
        entry.Value = entry.Suggestion!;
        _context!.NotifyFieldChanged(new FieldIdentifier(entry, nameof(Entry.Value)));
    }

    // The platform keeps the secrets of an instance that exists.
    private bool IsRequired(ConfigurationField field) => field.Required && !(field.Secret && Attempt.IsReauthentication);

    private string Help(ConfigurationField field) => IsRequired(field) || !field.Required ? Fields.Help(field) : $"{R["Account.KeyKept"]} {Fields.Help(field)}";

    private AccountDetails Details(bool withSecrets) => new()
    {
        Values = _entries.Where(entry => withSecrets || !entry.Field.Secret).ToDictionary(entry => entry.Field.Key, entry => entry.Value),
    };

    private async Task ContinueAsync()
    {
        if (_busy) return;
        _busy = true;
        try
        {
            await _keeping!.SettleAsync();
            var saved = await Drafts.SaveAccountAsync(Attempt.Id, Details(withSecrets: true), await SignedIn.ActorAsync(), CancellationToken.None);
            if (saved.Succeeded)
            {
                Navigation.NavigateTo(WizardAddress.Of(Attempt.Id, WizardFlow.Next(Attempt.Element, WizardStep.Account, Attempt.IsReauthentication)));
                return;
            }

            _messages!.Clear();
            var elsewhere = new List<Problem>();
            foreach (var problem in saved.Problems)
            {
                if (_entries.Find(entry => entry.Field.Key == problem.Field) is { } entry)
                    _messages.Add(new FieldIdentifier(entry, nameof(Entry.Value)), problem.Message);
                else
                    elsewhere.Add(problem);
            }

            _problems = elsewhere;
            _context!.NotifyValidationStateChanged();
        }
        finally
        {
            _busy = false;
        }

        StateHasChanged();
        await Js.InvokeVoidAsync("portal.focusInvalid");
    }

    private async Task BackAsync()
    {
        await _keeping!.SettleAsync();
        await KeepAsync(withSecrets: true);
        Navigation.NavigateTo(WizardAddress.Of(Attempt.Id, WizardFlow.Previous(Attempt.Element, WizardStep.Account, Attempt.IsReauthentication)));
    }

    /// <summary>One field with what is typed into it.</summary>
    private sealed class Entry(ConfigurationField field)
    {
        public ConfigurationField Field { get; } = field;

        public string Id { get; } = "field-" + field.Key.Replace('.', '-');

        public string Value { get; set; } = "";

        /// <summary>What the field's text was understood as.</summary>
        public string? Understood { get; set; }

        /// <summary>What was probably meant.</summary>
        public string? Suggestion { get; set; }
    }
}
