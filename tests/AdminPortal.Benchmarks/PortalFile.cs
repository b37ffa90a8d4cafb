using System.Globalization;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Secrets;
using AdminPortal.Provisioning;
using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Record;
using AdminPortal.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;

namespace AdminPortal.Benchmarks;

/// <summary>A portal's database with so many instances, made once and kept under <c>artifacts/benchmarks</c>, and the portal's services on it.</summary>
internal sealed class PortalFile : IDisposable
{
    private static readonly string[] Trades =
        ["Bäckerei", "Bakery", "Clinic", "Dental", "Events", "Florist", "Garage", "Hotel", "Institut", "Jewellers", "Kiosk", "Lawyers", "Müller", "Notary", "Optik", "Praxis", "Quarry"];

    private static readonly string[] Places = ["north", "south", "east", "west", "zürich", "vienna", "köln", "graz", "basel", "bern", "oslo", "lyon", "porto"];

    private readonly ServiceProvider _services;
    private Sealed? _token;

    private PortalFile(string folder)
    {
        ConnectionString = PortalDatabase.ConnectionString(folder);
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Portal:PublicBaseUrl"] = "http://127.0.0.1:5080",
            ["Portal:DataDirectory"] = folder,
            ["Portal:KeyRing:AllowUnwrappedKeys"] = "true",
        }).Build();
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<IHostEnvironment>(new Here(folder));
        services.AddProvisioning(configuration);
        _services = services.BuildServiceProvider();
    }

    public string ConnectionString { get; }

    public InstanceService Instances => Get<InstanceService>();

    public IServiceProvider Services => _services;

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>Opens the file with so many rows, making it where it is not there.</summary>
    /// <param name="rows">How many instances it holds.</param>
    /// <param name="name">Another file for the same number, for measures that change it; it is made anew.</param>
    public static async Task<PortalFile> OpenAsync(int rows, string? name = null)
    {
        var folder = Path.Combine(Artifacts(), name ?? string.Create(CultureInfo.InvariantCulture, $"instances-{rows}"));
        if (name is not null && Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        var isNew = !File.Exists(Path.Combine(folder, "ready"));
        if (isNew && Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        var file = new PortalFile(folder);
        if (isNew)
        {
            await PortalDatabase.PrepareAsync(file.Get<IDbContextFactory<PortalDb>>(), folder, CancellationToken.None);
            await file.Get<ActivityKeeper>().PrepareAsync(CancellationToken.None);
            await file.FillAsync(rows);
            await File.WriteAllTextAsync(Path.Combine(folder, "ready"), "");
        }

        return file;
    }

    public void Dispose()
    {
        _services.Dispose();
        SqliteConnection.ClearAllPools();
    }

    /// <summary>The folder for everything that is measured with.</summary>
    public static string Artifacts() => Path.Combine(Repository.Root, "artifacts", "benchmarks");

    // Three accounts, most rows in one; states and elements as they are found; "acme" in a fifth of the names, "zebra" in
    // one of two thousand; equal times in runs, so that the order within them matters.
    private async Task FillAsync(int rows)
    {
        Guid[] accounts = new Guid[3];
        for (var number = 0; number < accounts.Length; number++)
        {
            accounts[number] = (await Get<AccountService>().SaveAsync(
                new AccountInput { Name = $"Account {number}", BaseUrl = $"https://account{number}.example.com", OrganizationSecret = "organization", UserSecret = "user" },
                Actor.Portal, CancellationToken.None)).Value;
        }

        var random = new Random(1);
        var begin = new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
        await using var db = await Get<IDbContextFactory<PortalDb>>().CreateDbContextAsync();
        db.ChangeTracker.AutoDetectChangesEnabled = false;
        // A file that is made anew when this fails needs no care; it needs to be there soon.
        await db.Database.OpenConnectionAsync();
        await db.Database.ExecuteSqlRawAsync("PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000");
        var box = Get<ISecretBox>();
        for (var number = 0; number < rows; number++)
        {
            var id = Guid.CreateVersion7(begin.AddSeconds(number));
            var name = $"{Trades[random.Next(Trades.Length)]} {(number % 5 == 0 ? "ACME " : "")}{(number % 2000 == 7 ? "Zebra " : "")}{Places[random.Next(Places.Length)]} {number}";
            var state = random.Next(1000) switch { < 3 => InstanceState.NeedsAttention, < 23 => InstanceState.Disabled, < 25 => InstanceState.MissingOnPlatform, _ => InstanceState.Active };
            var element = ElementCatalog.Infusionsoft.All[random.Next(10) switch { < 6 => 0, 6 => 1, 7 => 2, 8 => 3, _ => 4 }];
            db.Instances.Add(new ElementInstance
            {
                Id = id,
                PlatformAccountId = accounts[random.Next(10) switch { < 7 => 0, < 9 => 1, _ => 2 }],
                PlatformId = number + 1,
                ElementKey = element.Key,
                Name = name,
                Tags = [Places[random.Next(Places.Length)], .. random.Next(500) == 0 ? new[] { "vip" } : []],
                AccountServer = $"{(char)('a' + random.Next(26))}{(char)('a' + random.Next(26))}{random.Next(1000):000}.infusionsoft.com",
                Token = number % 1000 == 0 || _token is null ? _token = box.Seal(SecretKind.InstanceToken, id, SecretOrigin.Of("https://account0.example.com"), "ABC/D" + new string('x', 39) + "=") : _token,
                State = state,
                HasLegacyKey = element.NeedsAccountDetails && random.Next(50) == 0,
                CreatedAt = begin.AddMinutes(number / 3),
                LastCheckedAt = begin.AddDays(700).AddMinutes(random.Next(100_000)),
                RefreshedAt = begin.AddDays(700).AddMinutes(random.Next(100_000)),
                RefreshIntervalSeconds = 28_800,
            });
            if (number % 10_000 != 9_999) continue;
            await db.SaveChangesAsync();
            db.ChangeTracker.Clear();
        }

        await db.SaveChangesAsync();
    }

    private sealed class Here(string folder) : IHostEnvironment
    {
        // A platform on loopback without TLS, which the sandbox is, is for development alone.
        public string EnvironmentName { get; set; } = Environments.Development;

        public string ApplicationName { get; set; } = "AdminPortal.Benchmarks";

        public string ContentRootPath { get; set; } = folder;

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
