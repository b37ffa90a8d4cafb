using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Accounts;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.ApiTokens;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Jobs;
using AdminPortal.Domain.Keys;
using AdminPortal.Domain.Lapses;
using AdminPortal.Domain.Maintenance;
using AdminPortal.Domain.Providers;
using AdminPortal.Domain.Reveals;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Sync;
using AdminPortal.Domain.Users;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace AdminPortal.Storage;

/// <summary>The portal's database: people, platform accounts, provider apps, attempts, instances, jobs, syncs, the activity record and the key ring.</summary>
public sealed class PortalDb(DbContextOptions<PortalDb> options)
    : IdentityUserContext<PortalUser, Guid, IdentityUserClaim<Guid>, IdentityUserLogin<Guid>, IdentityUserToken<Guid>, PortalPasskey>(options)
{
    public DbSet<RecoveryCode> RecoveryCodes => Set<RecoveryCode>();

    public DbSet<PlatformAccount> Accounts => Set<PlatformAccount>();

    public DbSet<ProviderApp> ProviderApps => Set<ProviderApp>();

    public DbSet<ProviderAppOrigin> ProviderAppOrigins => Set<ProviderAppOrigin>();

    public DbSet<ProvisioningAttempt> Attempts => Set<ProvisioningAttempt>();

    public DbSet<AttemptHistoryEntry> AttemptHistory => Set<AttemptHistoryEntry>();

    public DbSet<OrphanedInstance> Orphans => Set<OrphanedInstance>();

    public DbSet<ElementInstance> Instances => Set<ElementInstance>();

    public DbSet<InstanceCheck> InstanceChecks => Set<InstanceCheck>();

    public DbSet<SavedView> SavedViews => Set<SavedView>();

    public DbSet<BulkJob> Jobs => Set<BulkJob>();

    public DbSet<BulkJobItem> JobItems => Set<BulkJobItem>();

    public DbSet<SyncRun> SyncRuns => Set<SyncRun>();

    public DbSet<SyncRow> SyncRows => Set<SyncRow>();

    public DbSet<DriftItem> Drift => Set<DriftItem>();

    public DbSet<ActivityEntry> Activity => Set<ActivityEntry>();

    public DbSet<ActivityHead> ActivityHeads => Set<ActivityHead>();

    public DbSet<ActivityMark> ActivityMarks => Set<ActivityMark>();

    public DbSet<CalendarFeed> CalendarFeeds => Set<CalendarFeed>();

    public DbSet<ApiToken> ApiTokens => Set<ApiToken>();

    public DbSet<ApiReceipt> ApiReceipts => Set<ApiReceipt>();

    public DbSet<KnownBrowser> KnownBrowsers => Set<KnownBrowser>();

    public DbSet<PersonSession> Sessions => Set<PersonSession>();

    public DbSet<RevealRequest> RevealRequests => Set<RevealRequest>();

    public DbSet<KeyRingEntry> KeyRing => Set<KeyRingEntry>();

    public DbSet<KeyRingCanary> KeyRingCanaries => Set<KeyRingCanary>();

    public DbSet<KeyRotation> KeyRotations => Set<KeyRotation>();

    public DbSet<QuarantinedSecret> QuarantinedSecrets => Set<QuarantinedSecret>();

    public DbSet<StartStep> StartSteps => Set<StartStep>();

    public DbSet<StorageMark> StorageMarks => Set<StorageMark>();

    /// <inheritdoc />
    public override int SaveChanges(bool acceptAllChangesOnSuccess)
    {
        try
        {
            if (Prepare().Count > 0) throw new NotSupportedException("Lines of the activity record are saved with SaveChangesAsync.");
            return base.SaveChanges(acceptAllChangesOnSuccess);
        }
        finally
        {
            ChangeTracker.AutoDetectChangesEnabled = true;
        }
    }

    /// <inheritdoc />
    public override async Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        try
        {
            var lines = Prepare();
            if (lines.Count == 0) return await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken).ConfigureAwait(false);
            if (Database.CurrentTransaction is not null) return await SaveWithLinesAsync(lines, acceptAllChangesOnSuccess, cancellationToken).ConfigureAwait(false);

            // The end of the chain is read where nobody else can write: the transaction takes the place for writing at once.
            await using var transaction = await Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            var saved = await SaveWithLinesAsync(lines, false, cancellationToken).ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            if (acceptAllChangesOnSuccess) ChangeTracker.AcceptAllChanges();
            return saved;
        }
        finally
        {
            ChangeTracker.AutoDetectChangesEnabled = true;
        }
    }

    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.ApplyConfigurationsFromAssembly(typeof(PortalDb).Assembly);
    }

    /// <inheritdoc />
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<Guid>().HaveConversion<GuidTextConverter>();
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcTicksConverter>();
        configurationBuilder.Properties<Sealed>().HaveConversion<SealedConverter>().HaveMaxLength(8000);
        configurationBuilder.Properties<AttemptState>().HaveConversion<EnumNameConverter<AttemptState>>().HaveMaxLength(30);
        configurationBuilder.Properties<AttemptEvent>().HaveConversion<EnumNameConverter<AttemptEvent>>().HaveMaxLength(30);
        configurationBuilder.Properties<WizardStep>().HaveConversion<EnumNameConverter<WizardStep>>().HaveMaxLength(30);
        configurationBuilder.Properties<InstanceState>().HaveConversion<EnumNameConverter<InstanceState>>().HaveMaxLength(30);
        configurationBuilder.Properties<EndingReason>().HaveConversion<EnumNameConverter<EndingReason>>().HaveMaxLength(30);
        configurationBuilder.Properties<AttentionReason>().HaveConversion<EnumNameConverter<AttentionReason>>().HaveMaxLength(30);
        configurationBuilder.Properties<CheckOutcome>().HaveConversion<EnumNameConverter<CheckOutcome>>().HaveMaxLength(30);
        configurationBuilder.Properties<JobKind>().HaveConversion<EnumNameConverter<JobKind>>().HaveMaxLength(30);
        configurationBuilder.Properties<JobState>().HaveConversion<EnumNameConverter<JobState>>().HaveMaxLength(30);
        configurationBuilder.Properties<JobItemState>().HaveConversion<EnumNameConverter<JobItemState>>().HaveMaxLength(30);
        configurationBuilder.Properties<SyncState>().HaveConversion<EnumNameConverter<SyncState>>().HaveMaxLength(30);
        configurationBuilder.Properties<DriftKind>().HaveConversion<EnumNameConverter<DriftKind>>().HaveMaxLength(30);
        configurationBuilder.Properties<RotationState>().HaveConversion<EnumNameConverter<RotationState>>().HaveMaxLength(30);
        configurationBuilder.Properties<QuarantineReason>().HaveConversion<EnumNameConverter<QuarantineReason>>().HaveMaxLength(30);
        configurationBuilder.Properties<Role>().HaveConversion<EnumNameConverter<Role>>().HaveMaxLength(30);
        configurationBuilder.Properties<SessionEnding>().HaveConversion<EnumNameConverter<SessionEnding>>().HaveMaxLength(30);
        configurationBuilder.Properties<ApprovalKind>().HaveConversion<EnumNameConverter<ApprovalKind>>().HaveMaxLength(30);
        configurationBuilder.Properties<RevealRequestState>().HaveConversion<EnumNameConverter<RevealRequestState>>().HaveMaxLength(30);
        configurationBuilder.Properties<ActivityAction>().HaveConversion<EnumNameConverter<ActivityAction>>().HaveMaxLength(40);
    }

    // The head is written behind the lines: where they cannot be saved and the caller goes on, nothing is said of them.
    private async Task<int> SaveWithLinesAsync(List<EntityEntry<ActivityEntry>> lines, bool acceptAllChangesOnSuccess, CancellationToken cancellationToken)
    {
        var chain = this.GetService<IRecordChain>();
        var head = await chain.TieAsync(this, lines, cancellationToken).ConfigureAwait(false);
        var saved = await base.SaveChangesAsync(false, cancellationToken).ConfigureAwait(false);
        await chain.WriteHeadAsync(this, head, cancellationToken).ConfigureAwait(false);
        if (acceptAllChangesOnSuccess) ChangeTracker.AcceptAllChanges();
        return saved;
    }

    // One look at what changed, here and not once more while saving: versions are raised, and new lines of the record are found.
    private List<EntityEntry<ActivityEntry>> Prepare()
    {
        ChangeTracker.DetectChanges();
        ChangeTracker.AutoDetectChangesEnabled = false;
        List<EntityEntry<ActivityEntry>> lines = [];
        foreach (var entry in ChangeTracker.Entries())
        {
            if (entry is { State: EntityState.Modified, Entity: IVersioned versioned }) entry.Property(nameof(IVersioned.Version)).CurrentValue = versioned.Version + 1;
            else if (entry is { State: EntityState.Added, Entity: ActivityEntry line }) lines.Add(Entry(line));
        }

        return lines;
    }
}
