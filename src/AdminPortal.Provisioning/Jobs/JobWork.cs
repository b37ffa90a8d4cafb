using AdminPortal.Domain.Accounts;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Jobs;
using AdminPortal.Provisioning.Instances;

namespace AdminPortal.Provisioning.Jobs;

/// <summary>An item that waits, and what it is about; the instance and its account are null if the instance has been deleted.</summary>
internal sealed record JobWork(BulkJobItem Row, ElementInstance? Instance, PlatformAccount? Account);

/// <summary>What the work on an item came to.</summary>
internal sealed record JobWorkResult(JobWork Item, InstanceOutcome Outcome);
