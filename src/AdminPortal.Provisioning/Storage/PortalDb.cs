using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.People;
using AdminPortal.Provisioning.Providers;
using AdminPortal.Provisioning.Secrets;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace AdminPortal.Provisioning.Storage;

/// <summary>The portal's database: people, platform accounts, provider apps, attempts, instances and the key ring.</summary>
public sealed class PortalDb(DbContextOptions<PortalDb> options) : IdentityUserContext<PortalUser, Guid>(options)
{
    public DbSet<PlatformAccount> Accounts => Set<PlatformAccount>();

    public DbSet<ProviderApp> ProviderApps => Set<ProviderApp>();

    public DbSet<ProvisioningAttempt> Attempts => Set<ProvisioningAttempt>();

    public DbSet<AttemptHistoryEntry> AttemptHistory => Set<AttemptHistoryEntry>();

    public DbSet<ElementInstance> Instances => Set<ElementInstance>();

    public DbSet<KeyRingEntry> KeyRing => Set<KeyRingEntry>();

    /// <inheritdoc />
    public override int SaveChanges(bool acceptAllChangesOnSuccess)
    {
        RaiseVersions();
        return base.SaveChanges(acceptAllChangesOnSuccess);
    }

    /// <inheritdoc />
    public override Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        RaiseVersions();
        return base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
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
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcTicksConverter>();
        configurationBuilder.Properties<Sealed>().HaveConversion<SealedConverter>().HaveMaxLength(8000);
        configurationBuilder.Properties<AttemptState>().HaveConversion<string>().HaveMaxLength(30);
        configurationBuilder.Properties<AttemptEvent>().HaveConversion<string>().HaveMaxLength(30);
        configurationBuilder.Properties<WizardStep>().HaveConversion<string>().HaveMaxLength(30);
        configurationBuilder.Properties<InstanceState>().HaveConversion<string>().HaveMaxLength(30);
        configurationBuilder.Properties<EndingReason>().HaveConversion<string>().HaveMaxLength(30);
    }

    private void RaiseVersions()
    {
        foreach (EntityEntry<IVersioned> entry in ChangeTracker.Entries<IVersioned>())
        {
            if (entry.State == EntityState.Modified) entry.Entity.Version++;
        }
    }
}
