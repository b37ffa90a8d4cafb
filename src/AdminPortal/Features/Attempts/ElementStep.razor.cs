using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Settings;
using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.JSInterop;

namespace AdminPortal.Features.Attempts;

/// <summary>The first step: which element, on which platform account.</summary>
public sealed partial class ElementStep
{
    private readonly ElementChoice _input = new();
    private EditContext? _context;
    private FormValidator<ElementChoice>? _validator;
    private IReadOnlyList<AccountSummary>? _accounts;
    private IReadOnlyList<OfferedAccount> _offers = [];
    private IReadOnlyList<Problem> _problems = [];
    private bool _busy;

    [Inject]
    public required ElementCatalog Catalog { get; set; }

    [Inject]
    public required AccountService Accounts { get; set; }

    [Inject]
    public required DraftService Drafts { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState>? SignedIn { get; set; }

    /// <summary>The draft; null for one that begins here.</summary>
    [Parameter, EditorRequired]
    public required AttemptView? Attempt { get; set; }

    private IEnumerable<string> ElementMessages => _context?.GetValidationMessages(_context.Field(nameof(ElementChoice.ElementKey))) ?? [];

    private IEnumerable<string> AccountMessages => _context?.GetValidationMessages(_context.Field(nameof(ElementChoice.PlatformAccountId))) ?? [];

    /// <inheritdoc />
    protected override async Task OnInitializedAsync()
    {
        _context = new EditContext(_input);
        if (Attempt is not null)
        {
            _input.ElementKey = Attempt.Element?.Key ?? "";
            _input.PlatformAccountId = Attempt.AccountName is null ? null : Attempt.PlatformAccountId;
        }

        await LoadAccountsAsync();
    }

    private async Task LoadAccountsAsync()
    {
        _accounts = await Accounts.ListAsync(CancellationToken.None);
        _offers = _accounts.Count == 0 ? await Accounts.ListOffersAsync(CancellationToken.None) : [];
        if (_accounts.Count == 1) _input.PlatformAccountId = _accounts[0].Id;
    }

    private async Task AcceptAsync(OfferedAccount offer)
    {
        var accepted = await Accounts.AcceptOfferAsync(offer, await SignedIn.ActorAsync(), CancellationToken.None);
        _problems = accepted.Problems;
        await LoadAccountsAsync();
    }

    private void Choose(ElementDefinition element)
    {
        _input.ElementKey = element.Key;
        _context!.NotifyFieldChanged(_context.Field(nameof(ElementChoice.ElementKey)));
    }

    private void ChooseAccount(ChangeEventArgs change)
    {
        _input.PlatformAccountId = Guid.TryParse(change.Value as string, out var id) ? id : null;
        _context!.NotifyFieldChanged(_context.Field(nameof(ElementChoice.PlatformAccountId)));
    }

    private string Needs(ElementDefinition element)
    {
        var needs = element.Fields.Select(field => Elements[$"Field.{field.Key}.Label"].Value).Prepend(L["Element.Needs.App"].Value);
        return L["Element.Needs", string.Join(", ", needs)] + " " + (element.Events is null ? L["Element.NoEvents"] : L["Element.HasEvents"]);
    }

    private async Task ContinueAsync()
    {
        if (_busy) return;
        _busy = true;
        try
        {
            Guid id;
            IReadOnlyList<Problem> problems;
            if (Attempt is null)
            {
                var started = await Drafts.StartAsync(_input, await SignedIn.ActorAsync(), CancellationToken.None);
                (id, problems) = (started.Succeeded ? started.Value : default, started.Problems);
            }
            else
            {
                (id, problems) = (Attempt.Id, (await Drafts.SaveElementAsync(Attempt.Id, _input, await SignedIn.ActorAsync(), CancellationToken.None)).Problems);
            }

            _problems = _validator!.Show(problems);
            if (problems.Count == 0) Navigation.NavigateTo(WizardAddress.Of(id, WizardFlow.Next(Catalog.Find(_input.ElementKey), WizardStep.Element)));
        }
        finally
        {
            _busy = false;
        }
    }

    private async Task FocusInvalidAsync() => await Js.InvokeVoidAsync("portal.focusInvalid");
}
