using AdminPortal.Domain.ApiTokens;
using AdminPortal.Domain.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AdminPortal.Storage;

internal sealed class ApiTokenConfiguration : IEntityTypeConfiguration<ApiToken>
{
    public void Configure(EntityTypeBuilder<ApiToken> builder)
    {
        builder.Property(token => token.Id).ValueGeneratedNever();
        builder.Property(token => token.Name).HasMaxLength(ApiToken.MaxNameLength);
        builder.Property(token => token.Scopes).HasJsonColumn();
        builder.Property(token => token.Hash).HasMaxLength(32);
        builder.Property(token => token.LastUsedFrom).HasMaxLength(ApiToken.MaxFromLength);
        builder.HasOne<PortalUser>().WithMany().HasForeignKey(token => token.PersonId).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(token => token.Hash).IsUnique();
        builder.HasIndex(token => token.PersonId);
    }
}

internal sealed class ApiReceiptConfiguration : IEntityTypeConfiguration<ApiReceipt>
{
    public void Configure(EntityTypeBuilder<ApiReceipt> builder)
    {
        builder.Property(receipt => receipt.Id).ValueGeneratedNever();
        builder.Property(receipt => receipt.Key).HasMaxLength(ApiReceipt.MaxKeyLength);
        builder.Property(receipt => receipt.BodyHash).HasMaxLength(32);
        builder.Property(receipt => receipt.Body).HasMaxLength(ApiReceipt.MaxBodyLength);
        builder.HasOne<ApiToken>().WithMany().HasForeignKey(receipt => receipt.TokenId).OnDelete(DeleteBehavior.Cascade);
        // The key of a call is used once for each token, whatever else happens at the same moment.
        builder.HasIndex(receipt => new { receipt.TokenId, receipt.Key }).IsUnique();
        builder.HasIndex(receipt => receipt.ExpiresAt);
    }
}
