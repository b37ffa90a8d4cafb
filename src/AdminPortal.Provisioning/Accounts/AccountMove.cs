namespace AdminPortal.Provisioning.Accounts;

/// <summary>What moves when a platform account moves to another host.</summary>
/// <param name="Account">The account.</param>
/// <param name="Instances">How many instances it has; their tokens move.</param>
/// <param name="InstanceNames">The names of the first of them.</param>
/// <param name="Attempts">How many attempts have stored configuration values, whatever their state; the values move.</param>
/// <param name="Listings">How many tokens there are in stored listings of syncs; they move.</param>
/// <param name="Awaiting">How many attempts wait for a consent: they start again as drafts.</param>
/// <param name="Unfinished">How many attempts hold a code or wait for an answer: they have to end before.</param>
/// <param name="Apps">The provider apps, by name, that may be used with the new host from then on.</param>
/// <param name="KeepsPresentHost">Whether another account is at the present host, so that the apps stay allowed for it.</param>
public sealed record AccountMove(
    AccountSummary Account, int Instances, IReadOnlyList<string> InstanceNames, int Attempts, int Listings, int Awaiting, int Unfinished,
    IReadOnlyList<string> Apps, bool KeepsPresentHost)
{
    /// <summary>So many instances are named.</summary>
    public const int Named = 20;
}
