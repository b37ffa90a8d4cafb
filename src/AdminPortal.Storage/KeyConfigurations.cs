using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Keys;
using AdminPortal.Domain.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AdminPortal.Storage;

internal sealed class KeyRotationConfiguration : IEntityTypeConfiguration<KeyRotation>
{
    public void Configure(EntityTypeBuilder<KeyRotation> builder)
    {
        builder.Property(rotation => rotation.Version).IsConcurrencyToken();
        builder.Property(rotation => rotation.PersonName).HasMaxLength(ActivityEntry.MaxSubjectLength);
        builder.Property(rotation => rotation.Column).HasMaxLength(100);
        builder.Property(rotation => rotation.Cursor).HasMaxLength(500);
        // Two rotations never run at once.
        builder.HasIndex(rotation => rotation.State).IsUnique().HasFilter("State = 'Running'").HasDatabaseName("IX_KeyRotations_Running");
        builder.HasIndex(rotation => rotation.StartedAt);
    }
}

internal sealed class QuarantinedSecretConfiguration : IEntityTypeConfiguration<QuarantinedSecret>
{
    public void Configure(EntityTypeBuilder<QuarantinedSecret> builder)
    {
        builder.Property(entry => entry.Table).HasMaxLength(100);
        builder.Property(entry => entry.Column).HasMaxLength(100);
        builder.Property(entry => entry.RowKey).HasMaxLength(500);
        builder.Property(entry => entry.Part).HasMaxLength(200);
        builder.Property(entry => entry.Name).HasMaxLength(InputRules.MaxInstanceNameLength);
        builder.Property(entry => entry.Fingerprint).HasMaxLength(32);
        builder.HasIndex(entry => new { entry.Table, entry.Column, entry.RowKey, entry.Part }).IsUnique();
        builder.HasIndex(entry => entry.RotationId);
    }
}
