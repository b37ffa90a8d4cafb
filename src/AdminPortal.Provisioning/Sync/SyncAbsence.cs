namespace AdminPortal.Provisioning.Sync;

/// <summary>What asking for the instances that were not listed came to.</summary>
/// <param name="LeftOut">The platform's ids of those that it has although it did not list them.</param>
/// <param name="Unproved">How many there are of which it did not say whether it has them.</param>
/// <param name="Reason">The first answer of those, as a sentence; null where there is none.</param>
internal sealed record SyncAbsence(IReadOnlySet<long> LeftOut, int Unproved, string? Reason);
