using System.Globalization;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;

namespace AdminPortal.Provisioning.Tests.Storage;

/// <summary>
/// The model that was written down as code, so that a start need not work it out, is the one that the configurations make.
/// Where it is not, it is written anew: the command stands in README, under Contribute.
/// </summary>
public sealed class CompiledModelTests
{
    [Fact]
    public async Task CompiledModel_OfTheDatabase_IsWhatTheConfigurationsMake()
    {
        await using var portal = await TestPortal.StartAsync();
        await using var db = portal.OpenDatabase();
        db.Model.GetType().Name.ShouldBe("PortalDbModel");

        var made = db.GetService<IModelRuntimeInitializer>().Initialize(
            db.GetService<IDesignTimeModel>().Model, designTime: false, db.GetService<IDiagnosticsLogger<DbLoggerCategory.Model.Validation>>());

        made.ShouldNotBeSameAs(db.Model);
        var (written, wanted) = (Describe(db.Model), Describe(made));
        written.Except(wanted).Select(line => "- " + line.Trim()).Concat(wanted.Except(written).Select(line => "+ " + line.Trim()))
            .ShouldBeEmpty("The model that is written down is another one. README says how to write it anew.");
        written.ShouldBe(wanted);
    }

    private static List<string> Describe(IModel model) =>
    [
        .. model.ToDebugString(MetadataDebugStringOptions.LongDefault).Split('\n').Where(line => !line.StartsWith("Model:", StringComparison.Ordinal)),
        .. from type in model.GetEntityTypes()
           from property in type.GetFlattenedProperties()
           select string.Create(
               CultureInfo.InvariantCulture,
               $"{type.Name}.{property.Name} {property.GetColumnName()} {property.GetColumnType()} {property.GetTypeMapping().Converter?.GetType()} {property.GetValueComparer().GetType()} {property.GetValueConverter()?.GetType()} {property.GetMaxLength()}"),
    ];
}
