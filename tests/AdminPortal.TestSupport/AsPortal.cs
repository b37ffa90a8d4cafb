using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Settings;
using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Attempts.Consent;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Providers;
using AdminPortal.Provisioning.Reveals;

namespace AdminPortal.TestSupport;

/// <summary>Calls services with the portal itself as the actor, for tests that are not about the actor.</summary>
public static class AsPortal
{
    public static Task<Result<Guid>> AcceptOfferAsync(this AccountService accounts, OfferedAccount offer, CancellationToken token) => accounts.AcceptOfferAsync(offer, Actor.Portal, token);

    public static Task<Result<Guid>> SaveAsync(this AccountService accounts, AccountInput input, CancellationToken token) => accounts.SaveAsync(input, Actor.Portal, token);

    public static Task<Result<string>> TestAsync(this AccountService accounts, AccountInput input, CancellationToken token) => accounts.TestAsync(input, Actor.Portal, token);

    public static Task<Result<Done>> DeleteAsync(this AccountService accounts, Guid id, CancellationToken token) => accounts.DeleteAsync(id, Actor.Portal, token);

    public static Task<Result<Guid>> SaveAsync(this ProviderAppService apps, ProviderAppInput input, CancellationToken token) => apps.SaveAsync(input, Actor.Portal, token);

    public static Task<Result<Done>> DeleteAsync(this ProviderAppService apps, Guid id, CancellationToken token) => apps.DeleteAsync(id, Actor.Portal, token);

    /// <summary>The outcome of a callback, without the state of its attempt.</summary>
    public static async Task<CallbackOutcome> ReceiveAsync(this ConsentService consents, Callback callback, CancellationToken token) => (await consents.TakeAsync(callback, token)).Outcome;

    public static Task<Result<Guid>> StartAsync(this DraftService drafts, ElementChoice choice, Guid? person, CancellationToken token) =>
        drafts.StartAsync(choice, Actor.Portal with { PersonId = person }, token);

    public static Task<Result<Guid>> TryAgainAsync(this DraftService drafts, Guid id, Guid? person, CancellationToken token) =>
        drafts.TryAgainAsync(id, Actor.Portal with { PersonId = person }, token);

    public static Task<Result<Done>> SaveElementAsync(this DraftService drafts, Guid id, ElementChoice choice, CancellationToken token) => drafts.SaveElementAsync(id, choice, Actor.Portal, token);

    public static Task<Result<Done>> SaveProviderAsync(this DraftService drafts, Guid id, ProviderChoice choice, CancellationToken token) => drafts.SaveProviderAsync(id, choice, Actor.Portal, token);

    public static Task<Result<Done>> SaveAccountAsync(this DraftService drafts, Guid id, AccountDetails details, CancellationToken token) => drafts.SaveAccountAsync(id, details, Actor.Portal, token);

    public static Task<Result<Done>> SaveOptionsAsync(this DraftService drafts, Guid id, InstanceOptions options, CancellationToken token) => drafts.SaveOptionsAsync(id, options, Actor.Portal, token);

    public static Task<Result<Done>> KeepAccountAsync(this DraftService drafts, Guid id, AccountDetails details, CancellationToken token) => drafts.KeepAccountAsync(id, details, Actor.Portal, token);

    public static Task<Result<Done>> KeepOptionsAsync(this DraftService drafts, Guid id, InstanceOptions options, CancellationToken token) => drafts.KeepOptionsAsync(id, options, Actor.Portal, token);

    public static Task<Result<Done>> GoToAsync(this DraftService drafts, Guid id, WizardStep step, CancellationToken token) => drafts.GoToAsync(id, step, Actor.Portal, token);

    public static Task<Result<Done>> DiscardAsync(this DraftService drafts, Guid id, CancellationToken token) => drafts.DiscardAsync(id, Actor.Portal, token);

    /// <summary>The pre-flight checks without a known browser.</summary>
    public static Task<IReadOnlyList<CheckLine>> CheckAsync(this ConsentService consents, Guid id, CancellationToken token) =>
        consents.CheckAsync(id, PreflightContext.Unattended, null, Actor.Portal, token);

    public static Task<IReadOnlyList<CheckLine>> CheckAsync(
        this ConsentService consents, Guid id, PreflightContext context, Action<IReadOnlyList<CheckLine>>? progress, CancellationToken token) =>
        consents.CheckAsync(id, context, progress, Actor.Portal, token);

    /// <summary>Authorizes without a user to confirm: warnings do not stop it.</summary>
    public static async Task<IReadOnlyList<CheckLine>> AuthorizeAsync(this ConsentService consents, Guid id, CancellationToken token) =>
        (await consents.AuthorizeAsync(id, PreflightContext.Unattended, Actor.Portal, token)).Lines;

    public static Task<Authorization> AuthorizeAsync(this ConsentService consents, Guid id, PreflightContext context, CancellationToken token) =>
        consents.AuthorizeAsync(id, context, Actor.Portal, token);

    public static Task<Departure> LeaveAsync(this ConsentService consents, Guid id, byte[] browserHash, CancellationToken token) => consents.LeaveAsync(id, browserHash, Actor.Portal, token);

    public static async Task<bool> DecideAsync(this ConsentService consents, Guid id, bool accept, CancellationToken token) => (await consents.DecideAsync(id, accept, Actor.Portal, token)).Value;

    public static Task<Result<string>> RevealAsync(this RevealService reveals, Guid id, CancellationToken token) => reveals.RevealAsync(id, null, null, Actor.Portal, token);

    public static Task<IReadOnlyList<SavedView>> ListAsync(this SavedViewService views, Guid person, CancellationToken token) => views.ListAsync(Actor.Portal with { PersonId = person }, token);

    public static Task<Result<Guid>> SaveAsync(this SavedViewService views, Guid person, string name, string query, bool isDefault, CancellationToken token) =>
        views.SaveAsync(Actor.Portal with { PersonId = person }, name, query, isDefault, token);

    public static Task<Result<Done>> SetDefaultAsync(this SavedViewService views, Guid person, Guid? id, CancellationToken token) =>
        views.SetDefaultAsync(Actor.Portal with { PersonId = person }, id, token);

    public static Task<Result<Done>> DeleteAsync(this SavedViewService views, Guid person, Guid id, CancellationToken token) =>
        views.DeleteAsync(Actor.Portal with { PersonId = person }, id, token);
}
