using AdminPortal.Provisioning.Keys;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Storage;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Keys;

/// <summary>The one list of sealed columns, held against the model.</summary>
public sealed class SealedColumnTests
{
    [Fact]
    public async Task All_EverySealedPropertyOfTheModel_IsInTheList()
    {
        await using var portal = await TestPortal.StartAsync();
        await using var db = portal.OpenDatabase();

        var ofTheModel = db.Model.GetEntityTypes()
            .SelectMany(type => type.GetProperties().Where(property => IsSealed(property.ClrType)).Select(property => $"{type.GetTableName()}.{property.GetColumnName()}"))
            .Append("KeyRingCanary.Value").Order(StringComparer.Ordinal).ToList();

        SealedColumn.All.Select(column => column.Path).Order(StringComparer.Ordinal).ShouldBe(ofTheModel);
        SealedColumn.All.Select(column => column.Kind).OfType<SecretKind>().Distinct().Order().ShouldBe(Enum.GetValues<SecretKind>());
    }

    [Fact]
    public async Task All_TheKeyOfEveryColumn_IsTheTablesKey()
    {
        await using var portal = await TestPortal.StartAsync();
        await using var db = portal.OpenDatabase();
        foreach (var column in SealedColumn.All)
        {
            var type = db.Model.GetEntityTypes().Single(type => type.GetTableName() == column.Table);
            type.FindPrimaryKey()!.Properties.Select(property => property.GetColumnName()).ShouldBe(column.Key, column.Path);
        }
    }

    [Fact]
    public async Task Header_OfASealedValue_NamesTheKeyThatSealedIt()
    {
        await using var portal = await TestPortal.StartAsync();
        var ring = portal.Get<PortalKeyRing>();

        var ciphertext = portal.Secrets.Seal(SecretKind.ClientSecret, Guid.NewGuid(), "value").Ciphertext;

        var key = SealedHeader.KeyIdOf(ciphertext).ShouldNotBeNull();
        key.ShouldBe(ring.FindDefaultKey());
        ciphertext.ShouldStartWith(SealedHeader.PrefixOf(key));
        SealedHeader.KeyIdOf("garbage").ShouldBeNull();
        SealedHeader.KeyIdOf(new string('%', 100)).ShouldBeNull();
        SealedHeader.KeyIdOf(new string('A', 100)).ShouldBeNull();
    }

    private static bool IsSealed(Type type) => type == typeof(Sealed) || (type.IsGenericType && type.GetGenericArguments().Any(IsSealed));
}
