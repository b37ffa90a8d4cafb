using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Reveals;
using AdminPortal.Domain.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AdminPortal.Storage;

internal sealed class PersonSessionConfiguration : IEntityTypeConfiguration<PersonSession>
{
    public void Configure(EntityTypeBuilder<PersonSession> builder)
    {
        builder.Property(session => session.SecurityStamp).HasMaxLength(100);
        builder.Property(session => session.From).HasMaxLength(ActivityEntry.MaxFromLength);
        builder.Property(session => session.Browser).HasMaxLength(PersonSession.MaxBrowserLength);
        builder.HasIndex(session => session.PersonId);
        builder.HasIndex(session => session.EndedAt);
    }
}

internal sealed class KnownBrowserConfiguration : IEntityTypeConfiguration<KnownBrowser>
{
    public void Configure(EntityTypeBuilder<KnownBrowser> builder)
    {
        builder.Property(browser => browser.Hash).HasMaxLength(32);
        builder.HasIndex(browser => new { browser.Hash, browser.PersonId }).IsUnique();
        builder.HasIndex(browser => browser.PersonId);
        builder.HasOne<PortalUser>().WithMany().HasForeignKey(browser => browser.PersonId).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class RevealRequestConfiguration : IEntityTypeConfiguration<RevealRequest>
{
    public void Configure(EntityTypeBuilder<RevealRequest> builder)
    {
        builder.Property(request => request.PersonName).HasMaxLength(RevealRequest.MaxNameLength);
        builder.Property(request => request.DecidedByName).HasMaxLength(RevealRequest.MaxNameLength);
        // Rows from before there were other kinds are requests to see a token.
        builder.Property(request => request.Kind).HasDefaultValue(ApprovalKind.TokenReveal);
        builder.Property(request => request.Target).HasMaxLength(RevealRequest.MaxTargetLength).HasDefaultValue("");
        builder.Property(request => request.Reason).HasMaxLength(RevealRequest.MaxReasonLength);
        builder.HasIndex(request => new { request.State, request.ExpiresAt });
        builder.HasIndex(request => new { request.InstanceId, request.PersonId });
    }
}
