using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Domain.Settings;
using AdminPortal.Provisioning.Accounts;
using Microsoft.AspNetCore.Components;

namespace AdminPortal.Features.Accounts;

/// <summary>The platform accounts: what is ready to be used, what is stored; testing and removing.</summary>
public sealed partial class AccountList
{
    private readonly Dictionary<Guid, Result<string>?> _tests = [];
    private IReadOnlyList<AccountSummary>? _accounts;
    private IReadOnlyList<OfferedAccount> _offers = [];
    private Guid? _testing;
    private string? _done;

    [Inject]
    public required AccountService Accounts { get; set; }

    /// <inheritdoc />
    protected override async Task OnInitializedAsync()
    {
        if (SavedName is { } saved) _done = L["Saved", saved];
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        var accounts = await Accounts.ListAsync(Left);
        _offers = await Accounts.ListOffersAsync(Left);
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
        var outcome = await Accounts.TestAsync(stored, await SignedIn.ActorAsync(), Left);
        _testing = null;
        _tests[account.Id] = outcome;
    }

    private async Task RemoveAsync(AccountSummary account)
    {
        var removed = await RemoveAsync(
            L["Remove.Title", account.Name], L["Remove.Text"], actor => Accounts.DeleteAsync(account.Id, actor, CancellationToken.None));
        if (!removed) return;
        _done = L["Removed", account.Name];
        await LoadAsync();
        await FocusHeadingAsync();
    }
}
