using AdminPortal.Domain.Accounts;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Jobs;
using AdminPortal.Domain.Keys;
using AdminPortal.Domain.Lapses;
using AdminPortal.Domain.Maintenance;
using AdminPortal.Domain.Providers;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Sync;
using AdminPortal.Domain.Text;
using AdminPortal.Domain.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AdminPortal.Storage;

internal sealed class PlatformAccountConfiguration : IEntityTypeConfiguration<PlatformAccount>
{
    public void Configure(EntityTypeBuilder<PlatformAccount> builder)
    {
        builder.Property(account => account.Name).HasMaxLength(PlatformAccount.MaxNameLength);
        builder.Property(account => account.BaseUrl).HasMaxLength(WebAddress.MaxLength);
        builder.Property(account => account.SignInHosts).HasJsonColumn();
        builder.Property(account => account.Version).IsConcurrencyToken();
        builder.HasIndex(account => account.Name).IsUnique();
    }
}

internal sealed class ProviderAppConfiguration : IEntityTypeConfiguration<ProviderApp>
{
    public void Configure(EntityTypeBuilder<ProviderApp> builder)
    {
        builder.Property(app => app.Name).HasMaxLength(ProviderApp.MaxNameLength);
        builder.Property(app => app.ClientId).HasMaxLength(InputRules.MaxSecretLength);
        builder.Property(app => app.Version).IsConcurrencyToken();
        builder.HasIndex(app => app.Name).IsUnique();
        builder.HasMany(app => app.Origins).WithOne().HasForeignKey(origin => origin.ProviderAppId).OnDelete(DeleteBehavior.Cascade);
        // A few short rows. An app that was read without them would look as if it were allowed for no origin.
        builder.Navigation(app => app.Origins).AutoInclude();
    }
}

internal sealed class ProviderAppOriginConfiguration : IEntityTypeConfiguration<ProviderAppOrigin>
{
    public void Configure(EntityTypeBuilder<ProviderAppOrigin> builder)
    {
        builder.HasKey(origin => new { origin.ProviderAppId, origin.Origin });
        builder.Property(origin => origin.Origin).HasMaxLength(SecretOrigin.MaxLength);
        builder.Property(origin => origin.AllowedByName).HasMaxLength(ActivityEntry.MaxSubjectLength);
    }
}

internal sealed class ProvisioningAttemptConfiguration : IEntityTypeConfiguration<ProvisioningAttempt>
{
    private const string Open = "State IN ('Draft', 'AwaitingConsent')";

    public void Configure(EntityTypeBuilder<ProvisioningAttempt> builder)
    {
        builder.Property(attempt => attempt.Version).IsConcurrencyToken();
        builder.Property(attempt => attempt.ElementKey).HasMaxLength(100);
        builder.Property(attempt => attempt.Name).HasMaxLength(InputRules.MaxInstanceNameLength);
        builder.Property(attempt => attempt.Tags).HasJsonColumn();
        builder.Property(attempt => attempt.Configuration).HasJsonColumn();
        builder.Property(attempt => attempt.SealedConfiguration).HasJsonColumn();
        builder.Property(attempt => attempt.Events).HasJsonColumn();
        builder.Property(attempt => attempt.StateHash).HasMaxLength(32);
        builder.Property(attempt => attempt.BrowserHash).HasMaxLength(32);
        builder.Property(attempt => attempt.CallbackUrl).HasMaxLength(WebAddress.MaxLength);
        builder.Property(attempt => attempt.ConsentedServer).HasMaxLength(255);
        builder.Property(attempt => attempt.ExpectedServer).HasMaxLength(255);
        builder.Property(attempt => attempt.Ending).HasJsonColumn();
        builder.HasMany(attempt => attempt.History).WithOne().HasForeignKey(entry => entry.AttemptId).OnDelete(DeleteBehavior.Cascade);
        builder.Navigation(attempt => attempt.History).UsePropertyAccessMode(PropertyAccessMode.Field);
        builder.HasIndex(attempt => attempt.StateHash).IsUnique();
        // The worker asks for what is due.
        builder.HasIndex(attempt => new { attempt.State, attempt.NextAt });
        // The list walks what changed last and passes over other states without a look at their rows; then what an
        // attempt was tried again by.
        builder.HasIndex(attempt => new { attempt.UpdatedAt, attempt.Id, attempt.State }).HasDatabaseName("IX_Attempts_ByChange");
        builder.HasIndex(attempt => attempt.PreviousAttemptId).HasFilter("PreviousAttemptId IS NOT NULL");
        // An instance has one open draft of each sort, however often and wherever it is asked for at once.
        builder.HasIndex(attempt => attempt.TargetInstanceId, "IX_Attempts_OpenTarget").IsUnique().HasFilter($"TargetInstanceId IS NOT NULL AND {Open}");
        builder.HasIndex(attempt => attempt.ReplacesInstanceId, "IX_Attempts_OpenMove").IsUnique().HasFilter($"ReplacesInstanceId IS NOT NULL AND {Open}");
        // How far the move of an instance is.
        builder.HasIndex(attempt => attempt.ReplacesInstanceId).HasFilter("ReplacesInstanceId IS NOT NULL");
    }
}

internal sealed class AttemptHistoryEntryConfiguration : IEntityTypeConfiguration<AttemptHistoryEntry>
{
    public void Configure(EntityTypeBuilder<AttemptHistoryEntry> builder)
    {
        builder.Property(entry => entry.Id).ValueGeneratedNever();
        builder.Property(entry => entry.Detail).HasMaxLength(AttemptHistoryEntry.MaxDetailLength);
        builder.Property(entry => entry.RequestId).HasMaxLength(AttemptEnding.MaxRequestIdLength);
        builder.Property(entry => entry.Sent).HasMaxLength(AttemptHistoryEntry.MaxPayloadLength);
        builder.Property(entry => entry.Received).HasMaxLength(AttemptHistoryEntry.MaxPayloadLength);
    }
}

internal sealed class OrphanedInstanceConfiguration : IEntityTypeConfiguration<OrphanedInstance>
{
    public void Configure(EntityTypeBuilder<OrphanedInstance> builder)
    {
        builder.Property(orphan => orphan.Id).ValueGeneratedNever();
        builder.Property(orphan => orphan.Name).HasMaxLength(InputRules.MaxInstanceNameLength);
        builder.HasOne<ProvisioningAttempt>().WithMany().HasForeignKey(orphan => orphan.AttemptId).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(orphan => orphan.AttemptId);
        builder.HasIndex(orphan => new { orphan.PlatformAccountId, orphan.PlatformId }).IsUnique();
    }
}

internal sealed class ElementInstanceConfiguration : IEntityTypeConfiguration<ElementInstance>
{
    public void Configure(EntityTypeBuilder<ElementInstance> builder)
    {
        builder.HasKey(instance => instance.Number);
        builder.HasIndex(instance => instance.Id).IsUnique();
        builder.Property(instance => instance.Version).IsConcurrencyToken();
        builder.Property(instance => instance.ElementKey).HasMaxLength(100);
        builder.Property(instance => instance.Name).HasMaxLength(InputRules.MaxInstanceNameLength);
        builder.Property(instance => instance.NameKey).HasMaxLength(SearchText.MaxLength);
        builder.Property(instance => instance.Tags).HasJsonColumn();
        builder.Property(instance => instance.PortalTag).HasMaxLength(64);
        builder.Property(instance => instance.AccountServer).HasMaxLength(255);
        builder.Property(instance => instance.ServerKey).HasMaxLength(255);
        builder.Property(instance => instance.SearchKey).HasMaxLength(InstanceSearchText.MaxLength);
        builder.Property(instance => instance.AttentionMessage).HasMaxLength(ElementInstance.MaxMessageLength);
        builder.HasOne<PlatformAccount>().WithMany().HasForeignKey(instance => instance.PlatformAccountId).OnDelete(DeleteBehavior.Restrict);
        // The platform's ids are unique within an account: two rows for one instance cannot be stored.
        builder.HasIndex(instance => new { instance.PlatformAccountId, instance.PlatformId }).IsUnique();

        // One index for each column that the list can be ordered by, with the columns that it is filtered by in tow:
        // walking it needs no look at the rows that it passes over. See InstanceListSql.
        builder.HasIndex(instance => new { instance.NameKey, instance.Number, instance.State, instance.ElementKey, instance.PlatformAccountId, instance.HasLegacyKey })
            .HasDatabaseName("IX_Instances_ByName");
        builder.HasIndex(instance => new { instance.ElementKey, instance.Number, instance.State, instance.PlatformAccountId, instance.HasLegacyKey })
            .HasDatabaseName("IX_Instances_ByElement");
        builder.HasIndex(instance => new { instance.ServerKey, instance.Number, instance.State, instance.ElementKey, instance.PlatformAccountId, instance.HasLegacyKey })
            .HasDatabaseName("IX_Instances_ByServer");
        builder.HasIndex(instance => new { instance.State, instance.Number, instance.ElementKey, instance.PlatformAccountId, instance.HasLegacyKey })
            .HasDatabaseName("IX_Instances_ByState");
        builder.HasIndex(instance => new { instance.PlatformAccountId, instance.Number, instance.State, instance.ElementKey, instance.HasLegacyKey })
            .HasDatabaseName("IX_Instances_ByAccount");
        builder.HasIndex(instance => new { instance.LastCheckedAt, instance.Number, instance.State, instance.ElementKey, instance.PlatformAccountId, instance.HasLegacyKey })
            .HasDatabaseName("IX_Instances_ByChecked");
        builder.HasIndex(instance => new { instance.CreatedAt, instance.Number, instance.State, instance.ElementKey, instance.PlatformAccountId, instance.HasLegacyKey })
            .HasDatabaseName("IX_Instances_ByCreated");
        // What matches several filters at once, where it is little.
        builder.HasIndex(instance => new { instance.State, instance.ElementKey, instance.PlatformAccountId });
        builder.HasIndex(instance => new { instance.PlatformAccountId, instance.State, instance.ElementKey });
        // The rows that carry a legacy key, in their own order: over the flag itself SQLite would walk the table to keep
        // that order. Then the calendar of lapses, and the background's checks.
        builder.HasIndex(instance => instance.Number, "IX_Instances_LegacyKey").HasFilter("HasLegacyKey");
        builder.HasIndex(instance => instance.RefreshedAt);
        builder.HasIndex(instance => new { instance.PlatformAccountId, instance.CheckDueAt });
    }
}

internal sealed class InstanceCheckConfiguration : IEntityTypeConfiguration<InstanceCheck>
{
    public void Configure(EntityTypeBuilder<InstanceCheck> builder)
    {
        builder.Property(check => check.Message).HasMaxLength(ElementInstance.MaxMessageLength);
        builder.Property(check => check.RequestId).HasMaxLength(AttemptEnding.MaxRequestIdLength);
        builder.HasOne<ElementInstance>().WithMany().HasForeignKey(check => check.InstanceNumber).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class PortalUserConfiguration : IEntityTypeConfiguration<PortalUser>
{
    public void Configure(EntityTypeBuilder<PortalUser> builder)
    {
        builder.Property(person => person.LinkHash).HasMaxLength(32);
        builder.HasIndex(person => person.LinkHash).IsUnique();
        builder.Property(person => person.ExternalIssuer).HasMaxLength(ExternalIdentity.MaxIssuerLength);
        builder.Property(person => person.ExternalSubject).HasMaxLength(ExternalIdentity.MaxSubjectLength);
        builder.HasIndex(person => new { person.ExternalIssuer, person.ExternalSubject }).IsUnique();
        builder.Property(person => person.LastCodeStep).Metadata.SetAfterSaveBehavior(PropertySaveBehavior.Ignore);
        builder.Property(person => person.SignInAttempts).Metadata.SetAfterSaveBehavior(PropertySaveBehavior.Ignore);
        builder.Property(person => person.SignInLockedUntil).Metadata.SetAfterSaveBehavior(PropertySaveBehavior.Ignore);
        builder.Property(person => person.ProofAttempts).Metadata.SetAfterSaveBehavior(PropertySaveBehavior.Ignore);
        builder.Property(person => person.ProofLockedUntil).Metadata.SetAfterSaveBehavior(PropertySaveBehavior.Ignore);
        builder.HasMany<RecoveryCode>().WithOne().HasForeignKey(code => code.PersonId).OnDelete(DeleteBehavior.Cascade);
    }
}

/// <summary>
/// As Identity's third schema has them. The schema is asked of the host's options, and there is no host where migrations
/// are made and in the commands: so it is said here.
/// </summary>
internal sealed class PortalPasskeyConfiguration : IEntityTypeConfiguration<PortalPasskey>
{
    public void Configure(EntityTypeBuilder<PortalPasskey> builder)
    {
        builder.ToTable("AspNetUserPasskeys");
        builder.HasKey(passkey => passkey.CredentialId);
        // 1023 bytes at the most, by the standard.
        builder.Property(passkey => passkey.CredentialId).HasMaxLength(1024);
        builder.OwnsOne(passkey => passkey.Data).ToJson();
        builder.HasOne<PortalUser>().WithMany().HasForeignKey(passkey => passkey.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class RecoveryCodeConfiguration : IEntityTypeConfiguration<RecoveryCode>
{
    public void Configure(EntityTypeBuilder<RecoveryCode> builder)
    {
        builder.HasKey(code => new { code.PersonId, code.Hash });
        builder.Property(code => code.Hash).HasMaxLength(32);
    }
}

internal sealed class SavedViewConfiguration : IEntityTypeConfiguration<SavedView>
{
    public void Configure(EntityTypeBuilder<SavedView> builder)
    {
        builder.Property(view => view.Name).HasMaxLength(SavedView.MaxNameLength);
        builder.Property(view => view.Query).HasMaxLength(SavedView.MaxQueryLength);
        builder.HasIndex(view => new { view.PersonId, view.Name }).IsUnique();
    }
}

internal sealed class BulkJobConfiguration : IEntityTypeConfiguration<BulkJob>
{
    public void Configure(EntityTypeBuilder<BulkJob> builder)
    {
        builder.Property(job => job.Version).IsConcurrencyToken();
        builder.Property(job => job.PersonName).HasMaxLength(ActivityEntry.MaxSubjectLength);
        builder.Property(job => job.Tags).HasJsonColumn();
        builder.HasIndex(job => job.State);
    }
}

internal sealed class BulkJobItemConfiguration : IEntityTypeConfiguration<BulkJobItem>
{
    public void Configure(EntityTypeBuilder<BulkJobItem> builder)
    {
        builder.HasKey(item => new { item.JobId, item.InstanceNumber });
        builder.Property(item => item.InstanceNumber).ValueGeneratedNever();
        builder.Property(item => item.InstanceName).HasMaxLength(InputRules.MaxInstanceNameLength);
        builder.Property(item => item.Message).HasMaxLength(BulkJobItem.MaxMessageLength);
        builder.HasOne<BulkJob>().WithMany().HasForeignKey(item => item.JobId).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(item => new { item.JobId, item.State, item.InstanceNumber });
    }
}

internal sealed class SyncRunConfiguration : IEntityTypeConfiguration<SyncRun>
{
    public void Configure(EntityTypeBuilder<SyncRun> builder)
    {
        builder.Property(run => run.Version).IsConcurrencyToken();
        builder.Property(run => run.PersonName).HasMaxLength(ActivityEntry.MaxSubjectLength);
        builder.Property(run => run.NextPage).HasMaxLength(500);
        builder.Property(run => run.Message).HasMaxLength(SyncRun.MaxMessageLength);
        builder.HasOne<PlatformAccount>().WithMany().HasForeignKey(run => run.PlatformAccountId).OnDelete(DeleteBehavior.Cascade);
        // Two syncs of one account never run at once.
        builder.HasIndex(run => run.PlatformAccountId).IsUnique().HasFilter("State = 'Running'").HasDatabaseName("IX_SyncRuns_Running");
        builder.HasIndex(run => new { run.PlatformAccountId, run.StartedAt });
    }
}

internal sealed class SyncRowConfiguration : IEntityTypeConfiguration<SyncRow>
{
    public void Configure(EntityTypeBuilder<SyncRow> builder)
    {
        builder.HasKey(row => new { row.RunId, row.PlatformId });
        builder.Property(row => row.PlatformId).ValueGeneratedNever();
        builder.Property(row => row.ElementKey).HasMaxLength(100);
        builder.Property(row => row.Name).HasMaxLength(InputRules.MaxInstanceNameLength);
        builder.Property(row => row.Tags).HasJsonColumn();
        builder.Property(row => row.PortalTag).HasMaxLength(64);
        builder.Property(row => row.AccountServer).HasMaxLength(255);
        builder.HasOne<SyncRun>().WithMany().HasForeignKey(row => row.RunId).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class DriftItemConfiguration : IEntityTypeConfiguration<DriftItem>
{
    public void Configure(EntityTypeBuilder<DriftItem> builder)
    {
        builder.Property(item => item.Version).IsConcurrencyToken();
        builder.Property(item => item.Name).HasMaxLength(InputRules.MaxInstanceNameLength);
        builder.Property(item => item.ElementKey).HasMaxLength(100);
        builder.Property(item => item.Fields).HasJsonColumn();
        builder.Property(item => item.Fingerprint).HasMaxLength(64);
        builder.HasOne<PlatformAccount>().WithMany().HasForeignKey(item => item.PlatformAccountId).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(item => new { item.PlatformAccountId, item.PlatformId }).IsUnique();
        builder.HasIndex(item => new { item.PlatformAccountId, item.Ignored, item.Kind, item.PlatformId });
    }
}

internal sealed class ActivityEntryConfiguration : IEntityTypeConfiguration<ActivityEntry>
{
    private const string Overview = "\"JobId\" IS NULL OR \"InstanceId\" IS NULL";

    public void Configure(EntityTypeBuilder<ActivityEntry> builder)
    {
        builder.Property(entry => entry.PersonName).HasMaxLength(ActivityEntry.MaxSubjectLength);
        builder.Property(entry => entry.From).HasMaxLength(ActivityEntry.MaxFromLength);
        builder.Property(entry => entry.Subject).HasMaxLength(ActivityEntry.MaxSubjectLength);
        builder.Property(entry => entry.Detail).HasMaxLength(ActivityEntry.MaxDetailLength);
        builder.Property(entry => entry.Changes).HasMaxLength(FieldChanges.MaxLength);
        builder.Property(entry => entry.Hash).HasMaxLength(ActivityEntry.HashLength);

        // One index for each way in, each in the order of the pages (time and number), with the columns of the other
        // filters in tow: see ActivityListSql. The record as a whole leaves out what jobs did to each of their instances:
        // thousands of lines for one click.
        builder.HasIndex(entry => new { entry.At, entry.Id, entry.PersonId }).HasFilter(Overview).HasDatabaseName("IX_Activity_Overview");
        builder.HasIndex(entry => new { entry.PersonId, entry.At, entry.Id }).HasFilter(Overview).HasDatabaseName("IX_Activity_ByPerson");
        builder.HasIndex(entry => new { entry.PlatformAccountId, entry.At, entry.Id, entry.PersonId, entry.Action })
            .HasFilter($"\"PlatformAccountId\" IS NOT NULL AND ({Overview})").HasDatabaseName("IX_Activity_ByAccount");
        builder.HasIndex(entry => new { entry.Action, entry.At, entry.Id, entry.PersonId }).HasDatabaseName("IX_Activity_ByAction");
        builder.HasIndex(entry => new { entry.InstanceId, entry.At, entry.Id }).HasFilter("\"InstanceId\" IS NOT NULL").HasDatabaseName("IX_Activity_ByInstance");
        builder.HasIndex(entry => new { entry.ProviderAppId, entry.At, entry.Id }).HasFilter("\"ProviderAppId\" IS NOT NULL").HasDatabaseName("IX_Activity_ByApp");
        builder.HasIndex(entry => new { entry.AttemptId, entry.At, entry.Id }).HasFilter("\"AttemptId\" IS NOT NULL").HasDatabaseName("IX_Activity_ByAttempt");
        builder.HasIndex(entry => new { entry.JobId, entry.At, entry.Id }).HasFilter("\"JobId\" IS NOT NULL AND \"InstanceId\" IS NULL").HasDatabaseName("IX_Activity_ByJob");
        // What is old enough to be exported and removed.
        builder.HasIndex(entry => new { entry.At, entry.Id }).HasDatabaseName("IX_Activity_ByTime");
    }
}

internal sealed class ActivityHeadConfiguration : IEntityTypeConfiguration<ActivityHead>
{
    public void Configure(EntityTypeBuilder<ActivityHead> builder)
    {
        builder.ToTable("ActivityHead");
        builder.Property(head => head.Id).ValueGeneratedNever();
    }
}

internal sealed class ActivityMarkConfiguration : IEntityTypeConfiguration<ActivityMark>
{
    public void Configure(EntityTypeBuilder<ActivityMark> builder)
    {
        builder.ToTable("ActivityMark");
        builder.Property(mark => mark.Id).ValueGeneratedNever();
        builder.Property(mark => mark.KeyFingerprint).HasMaxLength(64);
        builder.Property(mark => mark.Origin).HasConversion<EnumNameConverter<RecordOrigin>>().HasMaxLength(30);
        builder.Property(mark => mark.Certificate).HasMaxLength(64);
    }
}

internal sealed class CalendarFeedConfiguration : IEntityTypeConfiguration<CalendarFeed>
{
    public void Configure(EntityTypeBuilder<CalendarFeed> builder)
    {
        builder.HasKey(feed => feed.PersonId);
        builder.Property(feed => feed.PersonId).ValueGeneratedNever();
        builder.Property(feed => feed.SecretHash).HasMaxLength(32);
        builder.HasIndex(feed => feed.SecretHash).IsUnique();
    }
}

internal sealed class KeyRingEntryConfiguration : IEntityTypeConfiguration<KeyRingEntry>
{
    public void Configure(EntityTypeBuilder<KeyRingEntry> builder)
    {
        builder.Property(entry => entry.FriendlyName).HasMaxLength(200);
        builder.Property(entry => entry.Signature).HasMaxLength(2000);
    }
}

internal sealed class KeyRingCanaryConfiguration : IEntityTypeConfiguration<KeyRingCanary>
{
    public void Configure(EntityTypeBuilder<KeyRingCanary> builder)
    {
        builder.ToTable("KeyRingCanary");
        builder.Property(canary => canary.Id).ValueGeneratedNever();
        builder.Property(canary => canary.Value).HasMaxLength(1000);
    }
}

internal sealed class StartStepConfiguration : IEntityTypeConfiguration<StartStep>
{
    public void Configure(EntityTypeBuilder<StartStep> builder)
    {
        builder.HasKey(step => step.Name);
        builder.Property(step => step.Name).HasMaxLength(50);
        builder.Property(step => step.Column).HasMaxLength(100);
        builder.Property(step => step.Cursor).HasMaxLength(500);
        builder.Property(step => step.Backup).HasMaxLength(300);
    }
}

internal sealed class StorageMarkConfiguration : IEntityTypeConfiguration<StorageMark>
{
    public void Configure(EntityTypeBuilder<StorageMark> builder)
    {
        builder.ToTable("StorageMark");
        builder.Property(mark => mark.Id).ValueGeneratedNever();
    }
}
