using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Domain.Settings;
using AdminPortal.Provisioning.Accounts;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.JSInterop;
using Radzen;

namespace AdminPortal.Features.Accounts;

/// <summary>The platform accounts: what is ready to be used, what is stored; testing and removing.</summary>
public sealed partial class AccountList : IDisposable
{
    private readonly CancellationTokenSource _leaving = new();
    private readonly Dictionary<Guid, Result<string>?> _tests = [];
    private IReadOnlyList<AccountSummary>? _accounts;
    private IReadOnlyList<OfferedAccount> _offers = [];
    private Guid? _testing;
    private string? _done;

    [Inject]
    public required AccountService Accounts { get; set; }

    [Inject]
    public required DialogService Dialogs { get; set; }

    [Inject]
    public required Confirmation Confirmation { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState>? SignedIn { get; set; }

    /// <inheritdoc />
    public void Dispose()
    {
        _leaving.Cancel();
        _leaving.Dispose();
    }

    /// <inheritdoc />
    protected override async Task OnInitializedAsync()
    {
        // The form says by way of the history which account it has saved; a reload of this page does not repeat it.
        if (Navigation.HistoryEntryState is { Length: > 0 } saved) _done = L["Saved", saved];
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        var accounts = await Accounts.ListAsync(_leaving.Token);
        _offers = await Accounts.ListOffersAsync(_leaving.Token);
        _accounts = accounts;
    }

    private async Task OfferAcceptedAsync(OfferedAccount offer)
    {
        _done = L["Saved", offer.Name];
        await LoadAsync();
        await FocusHeadingAsync();
    }

    private async Task TestAsync(AccountSummary account)
    {
        _testing = account.Id;
        _tests.Remove(account.Id);
        var stored = new AccountInput
        {
            Id = account.Id,
            Name = account.Name,
            BaseUrl = account.BaseUrl,
            SignInHosts = string.Join('\n', account.SignInHosts),
        };
        var outcome = await Accounts.TestAsync(stored, await SignedIn.ActorAsync(), _leaving.Token);
        _testing = null;
        _tests[account.Id] = outcome;
    }

    private async Task RemoveAsync(AccountSummary account)
    {
        var gone = await RemoveDialog.AskAsync(
            Dialogs, L["Remove.Title", account.Name], L["Remove.Text"], () => Confirmation.RunAsync(async () => await Accounts.DeleteAsync(account.Id, await SignedIn.ActorAsync(), CancellationToken.None)));
        if (!gone) return;
        _done = L["Removed", account.Name];
        await LoadAsync();
        await FocusHeadingAsync();
    }

    // What had the focus is gone.
    private async Task FocusHeadingAsync() => await Js.InvokeVoidAsync("portal.focus", "h1");
}
