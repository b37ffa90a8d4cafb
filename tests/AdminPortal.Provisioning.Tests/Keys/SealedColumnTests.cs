using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.KeyRing;
using AdminPortal.Provisioning.Tests.Support;
using AdminPortal.Storage;
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
    public async Task All_AValueOfEveryColumn_OpensForItsRowAndItsDestinationOnly()
    {
        await using var portal = await RotationTest.SeedAsync();
        await AddPersonAsync(portal);
        await using var db = portal.OpenDatabase();
        await db.Database.OpenConnectionAsync(Token);
        foreach (var column in SealedColumn.All.Where(column => column.Kind is not null))
        {
            var kind = column.Kind!.Value;
            var rows = await SealedRows.ReadAsync(db, column, null, 10, null, Token);
            rows.ShouldNotBeEmpty(column.Path);
            foreach (var row in rows)
            {
                var part = column.ReadParts(row.Owner, row.Text)[0];
                var secret = new Secret(kind, part.Owner, new Sealed(part.Ciphertext));
                var destination = row.Destination.ShouldNotBeNull();
                _ = portal.Secrets.Open(secret, destination);

                _ = Should.Throw<SecretUnreadableException>(() => portal.Secrets.Open(secret with { Owner = Guid.NewGuid() }, destination), column.Path);
                destination.ShouldBe(column.Path == "ProviderApps.ClientSecret" ? SecretOrigin.Nowhere : StagingSecrets.DestinationOf(kind), column.Path);
                if (kind.IsSent()) _ = Should.Throw<SecretUnreadableException>(() => portal.Secrets.Open(secret, SecretOrigin.Of("https://evil.example")), column.Path);
            }
        }
    }

    [Fact]
    public async Task All_AccountPointedAtAnotherHost_NoValueThatIsSentOpens()
    {
        await using var portal = await RotationTest.SeedAsync();
        await AddPersonAsync(portal);
        RawDatabase.Run(RawDatabase.FileOf(portal.DataDirectory), "UPDATE Accounts SET BaseUrl = 'https://evil.example'; UPDATE ProviderAppOrigins SET Origin = 'https://evil.example:443'");

        await using var db = portal.OpenDatabase();
        List<SecretKind> opened = [];
        await foreach (var stored in StoredSecrets.ReadAllAsync(db, Token))
        {
            try
            {
                _ = portal.Secrets.Open(stored.Secret, stored.Destination.ShouldNotBeNull());
                opened.Add(stored.Secret.Kind);
            }
            catch (SecretUnreadableException)
            {
                // As it has to be.
            }
        }

        // The client secret is the copy for nowhere, of which nothing is sent.
        opened.Distinct().Order().ShouldBe([SecretKind.ClientSecret, SecretKind.OAuthUrl, SecretKind.ActivityKey, SecretKind.AuthenticatorKey]);
        opened.Count(kind => kind == SecretKind.ClientSecret).ShouldBe(1);
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

    private static async Task AddPersonAsync(TestPortal portal)
    {
        var id = Guid.CreateVersion7();
        await using var db = portal.OpenDatabase();
        db.Users.Add(new PortalUser { Id = id, UserName = "ada@example.com", AuthenticatorKey = portal.Secrets.Seal(SecretKind.AuthenticatorKey, id, "PLANTEDKEY") });
        _ = await db.SaveChangesAsync(Token);
    }

    private static bool IsSealed(Type type) => type == typeof(Sealed) || (type.IsGenericType && type.GetGenericArguments().Any(IsSealed));
}
