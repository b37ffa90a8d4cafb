using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Providers;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AdminPortal.Provisioning.Storage;

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
    }
}

internal sealed class ProvisioningAttemptConfiguration : IEntityTypeConfiguration<ProvisioningAttempt>
{
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
        builder.Property(attempt => attempt.Ending).HasJsonColumn();
        builder.HasMany(attempt => attempt.History).WithOne().HasForeignKey(entry => entry.AttemptId).OnDelete(DeleteBehavior.Cascade);
        builder.Navigation(attempt => attempt.History).UsePropertyAccessMode(PropertyAccessMode.Field);
        builder.HasIndex(attempt => attempt.StateHash).IsUnique();
        // The worker asks for what is due, the overview for what changed last.
        builder.HasIndex(attempt => new { attempt.State, attempt.NextAt });
        builder.HasIndex(attempt => attempt.UpdatedAt);
    }
}

internal sealed class AttemptHistoryEntryConfiguration : IEntityTypeConfiguration<AttemptHistoryEntry>
{
    public void Configure(EntityTypeBuilder<AttemptHistoryEntry> builder)
    {
        builder.Property(entry => entry.Id).ValueGeneratedNever();
        builder.Property(entry => entry.Detail).HasMaxLength(500);
    }
}

internal sealed class ElementInstanceConfiguration : IEntityTypeConfiguration<ElementInstance>
{
    public void Configure(EntityTypeBuilder<ElementInstance> builder)
    {
        builder.Property(instance => instance.Version).IsConcurrencyToken();
        builder.Property(instance => instance.ElementKey).HasMaxLength(100);
        builder.Property(instance => instance.Name).HasMaxLength(InputRules.MaxInstanceNameLength);
        builder.Property(instance => instance.NameKey).HasMaxLength(SearchText.MaxLength);
        builder.Property(instance => instance.Tags).HasJsonColumn();
        builder.Property(instance => instance.PortalTag).HasMaxLength(64);
        builder.Property(instance => instance.AccountServer).HasMaxLength(255);
        builder.HasOne<PlatformAccount>().WithMany().HasForeignKey(instance => instance.PlatformAccountId).OnDelete(DeleteBehavior.Restrict);
        // The platform's ids are unique within an account: two rows for one instance cannot be stored.
        builder.HasIndex(instance => new { instance.PlatformAccountId, instance.PlatformId }).IsUnique();
        builder.HasIndex(instance => new { instance.NameKey, instance.Id });
        builder.HasIndex(instance => new { instance.CreatedAt, instance.Id });
    }
}

internal sealed class KeyRingEntryConfiguration : IEntityTypeConfiguration<KeyRingEntry>
{
    public void Configure(EntityTypeBuilder<KeyRingEntry> builder) => builder.Property(entry => entry.FriendlyName).HasMaxLength(200);
}
